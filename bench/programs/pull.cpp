// A client of streams.cpp that is an image itself: what one instance of a galaxy gets from another.
//
//   bench_pull receive ADDRESS SECONDS       bytes a second from the generator of characters
//   bench_pull round-trip ADDRESS ROUNDS     one byte and its echo: median and 99th percentile in ns
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "aster/net.hpp"
#include "aster/task.hpp"
using namespace aster;

net::device<"service"> service;

namespace {

using clock_type = std::chrono::steady_clock;

int receive(net::stream s, int seconds) {
  std::vector<std::byte> bytes(std::size_t{256} * 1024);
  const auto begin = clock_type::now() + std::chrono::milliseconds{200};  // the path is known by then
  const auto end = begin + std::chrono::seconds{seconds};
  std::uint64_t moved = 0;
  for (auto now = clock_type::now(); now < end; now = clock_type::now()) {
    const auto n = s.read(bytes);
    if (!n || *n == 0) return 1;
    if (now >= begin) moved += *n;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(moved) / static_cast<unsigned>(seconds));
  s.abort();
  return 0;
}

int round_trip(net::stream s, int rounds) {
  std::vector<std::int64_t> times;
  std::array<std::byte, 1> byte{};
  for (int i = 0; i < rounds + 100; ++i) {
    const auto begin = clock_type::now();
    if (!s.write(byte) || s.read(byte).value_or(0) != 1) return 1;
    if (i >= 100) times.push_back((clock_type::now() - begin).count());
  }
  std::ranges::sort(times);
  std::printf("%lld %lld\n", static_cast<long long>(times[times.size() / 2]),
              static_cast<long long>(times[times.size() * 99 / 100]));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count == 4 ? words[1] : "";
  const auto address = count == 4 ? net::ip_address::parse(words[2]) : std::nullopt;
  const int number = count == 4 ? std::atoi(words[3]) : 0;
  if (!address || number <= 0 || (what != "receive" && what != "round-trip")) return 2;
  net::stack stack{service};
  auto s = stack.connect({*address, static_cast<std::uint16_t>(what == "receive" ? 19 : 7)});
  if (!s) {
    std::puts(net::to_string(s.error()));
    return 1;
  }
  return what == "receive" ? receive(std::move(*s), number) : round_trip(std::move(*s), number);
}
