// How fast one stream goes, by loss and round trip, in virtual time and from fixed seeds. The table is
// checked in (throughput.txt): whoever changes congestion control or loss recovery sees in the diff what it
// did. `ASTERISM_THROUGHPUT=FILE` writes the new one there.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/virtual_link.hpp"

namespace aster::net {
namespace {

using namespace std::chrono_literals;

struct figures {
  double kilobytes_per_second = 0;
  std::uint64_t timeouts = 0, retransmissions = 0;
};

// Sends 4 MB from left to right, or as much as a minute lets through.
figures transfer(const link_faults& faults, std::uint64_t seed, std::size_t total = 4'000'000) {
  virtual_link link{seed, {.delay = faults.delay}};
  engine_options o;
  o.address = *configuration::parse("ip=10.0.0.1/24,ip6=off");
  engine left{link.left(), o, {seed, 1}};
  o.address = *configuration::parse("ip=10.0.0.2/24,ip6=off");
  engine right{link.right(), o, {seed, 2}};
  time_point now{-3s};
  left.start(now);
  right.start(now);
  tcp::acceptor* a = right.tcp().listen(80, 1);
  // The neighbours know each other first: an ARP request that is lost would say nothing about TCP.
  link.set_faults({.delay = faults.delay});
  const auto round = [&] {
    link.deliver(now);
    while (left.receive(now)) {
    }
    while (right.receive(now)) {
    }
  };
  // … and both have said all about their addresses.
  for (; now < time_point{}; now += 100ms) {
    round();
    left.flush(now);
    right.flush(now);
  }
  tcp::connection* sender = *left.tcp().connect({10, 0, 0, 1}, {{10, 0, 0, 2}, 80}, now);
  tcp::connection* receiver = nullptr;
  const std::vector<std::byte> piece(16384);
  std::vector<std::byte> buffer(65536);
  std::size_t written = 0, read = 0;
  time_point begin{}, end{};
  while (read < total && now < begin + 60s) {
    round();
    if (receiver == nullptr && (receiver = right.tcp().accept(*a)) != nullptr) {
      link.set_faults(faults);
      begin = now;
    }
    if (receiver != nullptr) {
      while (written < total) {
        const auto n = sender->write(piece);
        if (!n || *n == 0) break;
        written += *n;
        left.tcp().touched(*sender);
      }
      while (const std::size_t n = receiver->read(buffer)) {
        read += n;
        end = now;
        right.tcp().touched(*receiver);
      }
    }
    left.flush(now);
    right.flush(now);
    now = std::max(now, std::min({left.deadline(), right.deadline(), link.next_arrival(), now + 1s}));
  }
  const double seconds = std::chrono::duration<double>((read < total ? now : end) - begin).count();
  figures f{.kilobytes_per_second = static_cast<double>(read) / 1000 / seconds,
            .timeouts = left.counters()[counter::tcp_timeouts],
            .retransmissions = left.counters()[counter::tcp_retransmissions]};
  left.tcp().release(*sender, now);
  right.tcp().release(*receiver, now);
  return f;
}

std::string table() {
  std::ostringstream out;
  out << "One stream, 4 MB (or a minute), mean of twelve seeds: KB/s, and (timeouts of the retransmission "
         "timer).\n"
         "Columns: round trip. Made by throughput_test.cpp; see there.\n\n"
         "                1 ms            20 ms           100 ms          300 ms\n";
  constexpr std::uint64_t seeds = 12;
  const auto row = [&](std::string_view name, link_faults faults) {
    char text[64];
    std::snprintf(text, sizeof text, "%-16s", std::string{name}.c_str());
    out << text;
    for (const duration round_trip : {duration{1ms}, duration{20ms}, duration{100ms}, duration{300ms}}) {
      faults.delay = round_trip / 2;
      figures sum;
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const figures f = transfer(faults, seed);
        sum.kilobytes_per_second += f.kilobytes_per_second;
        sum.timeouts += f.timeouts;
      }
      std::snprintf(text, sizeof text, "%-8.0f%-8s", sum.kilobytes_per_second / seeds,
                    ("(" + std::to_string(sum.timeouts) + ")").c_str());
      out << text;
    }
    out << "\n";
  };
  row("0", {});
  row("0.1 %", {.loss = 0.001});
  row("1 %", {.loss = 0.01});
  row("3 %", {.loss = 0.03});
  row("10 %", {.loss = 0.1});
  row("20 %", {.loss = 0.2});
  row("8 Mb/s", {.rate = 1e6, .buffer = 30'000});
  row("8 Mb/s, deep", {.rate = 1e6, .buffer = 200'000});
  row("80 Mb/s", {.rate = 10e6, .buffer = 30'000});
  row("80 Mb/s, deep", {.rate = 10e6, .buffer = 200'000});
  row("reordered", {.reordering = 0.05, .held_back = 5ms});
  std::string text = std::move(out).str();
  std::string trimmed;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    trimmed += line + "\n";
  }
  return trimmed;
}

}  // namespace
}  // namespace aster::net

TEST_CASE("throughput by loss and round trip is what throughput.txt says") {
  const std::string is = aster::net::table();
  if (const char* path = std::getenv("ASTERISM_THROUGHPUT")) std::ofstream{path} << is;
  std::ifstream file{ASTERISM_THROUGHPUT_TABLE};
  std::ostringstream was;
  was << file.rdbuf();
  CHECK_MESSAGE(is == was.str(), "throughput is now\n", is);
}

TEST_CASE("one segment in a hundred lost at 20 ms: repaired without the retransmission timer") {
  using namespace std::chrono_literals;
  std::uint64_t timeouts = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    timeouts += aster::net::transfer({.loss = 0.01, .delay = 10ms}, seed).timeouts;
  CHECK(timeouts == 0);
}
