// What a segment costs once a connection runs: no allocation, and one copy.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/tcp/host.hpp"
#include "aster/net/wire/checksum.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace aster::net::tcp {
namespace {

using namespace std::chrono_literals;
constexpr ipv4_address ours{10, 0, 0, 2}, theirs{10, 0, 0, 1};

struct sink final : packet_sink {
  wire::tcp last;
  std::size_t segments = 0, payload = 0;
  result send(packet& p, time_point) override {
    last = wire::tcp::parse(p.transport().first(p.transport_size), p.source, p.destination, false)->header;
    ++segments;
    payload += p.payload_size;
    return result::sent;
  }
};

struct world {
  sink out;
  chunk_pool pool{1 << 20};
  counters counts;
  random_source random{{1, 2}};
  host h{out, pool, counts, random, {.defaults = {}}};
  acceptor* a = h.listen(80, 10);
  time_point now{};
  wire::tcp theirs_next{.source_port = 40000, .destination_port = 80, .flags = {}, .options = {}};
  connection* c = nullptr;
  std::vector<std::byte> bytes;

  explicit world(bool selective = false) {
    theirs_next.window = 65535;
    theirs_next.flags = {.syn = true};
    theirs_next.options.maximum_segment_size = 1460;
    theirs_next.options.sack_permitted = selective;
    arrive({});
    theirs_next.options = {};
    arrive({});
    c = h.accept(*a);
    bytes.reserve(2000);
  }
  ~world() { h.release(*c, now); }

  void arrive(wire::bytes payload) { arrive(payload, out.last.sequence + (out.last.flags.syn ? 1 : 0)); }
  void arrive(wire::bytes payload, std::uint32_t acknowledgement) {
    theirs_next.acknowledgement = acknowledgement;
    bytes.resize(theirs_next.size());
    theirs_next.emit(bytes);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    wire::checksum sum = wire::pseudo_header(theirs, ours, wire::ipv4::tcp, bytes.size());
    sum.add(bytes);
    wire::store16(bytes, wire::tcp::checksum_offset, sum.value());
    h.arrived(theirs, ours, bytes, true, now);
    h.flush(now);
    theirs_next.sequence += static_cast<std::uint32_t>(payload.size()) + (theirs_next.flags.syn ? 1 : 0);
    theirs_next.flags = {.ack = true};
    now += 100us;
  }
};

}  // namespace

TEST_CASE("a segment received in order costs no allocation and one copy") {
  world w;
  REQUIRE(w.c != nullptr);
  const std::vector<std::byte> payload(1460);
  std::vector<std::byte> buffer(65536);
  const auto round = [&](bool waiting) {
    if (waiting) w.c->set_reader(buffer);
    for (int i = 0; i < 20; ++i) w.arrive(payload);
    const std::size_t n = waiting ? w.c->take_reader_bytes() : w.c->read(buffer);
    CHECK(n == 20 * 1460);
    w.h.touched(*w.c);
  };
  for (int i = 0; i < 10; ++i) round(i % 2 == 0);
  const auto before = allocations;
  const auto copied = w.counts[counter::bytes_copied_received];
  for (int i = 0; i < 1000; ++i) round(i % 2 == 0);
  CHECK(allocations == before);
  CHECK(w.counts[counter::bytes_copied_received] - copied == 1000u * 20 * 1460);
}

TEST_CASE("a segment sent costs no allocation") {
  world w;
  const std::vector<std::byte> payload(10 * 1460);
  const auto round = [&] {
    CHECK(w.c->write(payload) == payload.size());
    w.h.touched(*w.c);
    w.h.flush(w.now);
    w.out.last.sequence += 1460;  // acknowledge what was sent last
    w.arrive({});
  };
  for (int i = 0; i < 10; ++i) round();
  const auto before = allocations;
  for (int i = 0; i < 1000; ++i) round();
  CHECK(allocations == before);
  CHECK(w.out.payload == 1010u * 10 * 1460);
}

TEST_CASE("a loss that is reported and repaired costs no allocation") {
  world w{true};
  const std::vector<std::byte> payload(1460);
  std::uint32_t una = w.out.last.sequence + 1;
  const auto round = [&](bool lossy) {
    const std::uint32_t segments = std::min(10u, w.c->info().congestion_window / 1460);
    for (std::uint32_t i = 0; i < segments; ++i) {  // each at its own time: a record for each
      CHECK(w.c->write(payload).value_or(0) == 1460);
      w.h.touched(*w.c);
      w.h.flush(w.now);
      w.now += 10us;
    }
    w.now += 1ms;
    if (lossy) {
      w.theirs_next.options.sack[0] = {una + 1460, una + segments * 1460};
      w.theirs_next.options.sack_count = 1;
      w.arrive({}, una);
      w.theirs_next.options = {};
      w.now += 1ms;
    }
    una += segments * 1460;
    w.arrive({}, una);
  };
  for (int i = 0; i < 60; ++i) round(i % 30 == 29);
  const auto before = allocations;
  for (int i = 0; i < 3000; ++i) round(i % 30 == 29);
  CHECK(allocations == before);
  CHECK(w.counts[counter::tcp_fast_retransmits] == 102);
  CHECK(w.counts[counter::tcp_retransmissions] == 102);
}

TEST_CASE("requests and answers cost no allocation") {
  world w;
  const std::vector<std::byte> request(120), answer(200);
  std::vector<std::byte> buffer(1000);
  const auto round = [&] {
    w.arrive(request);
    CHECK(w.c->read(buffer) == request.size());
    CHECK(w.c->write(answer) == answer.size());
    w.h.touched(*w.c);
    w.h.flush(w.now);
    w.out.last.sequence += static_cast<std::uint32_t>(answer.size());
  };
  for (int i = 0; i < 100; ++i) round();  // over the first borders of chunks
  const auto before = allocations;
  const auto segments = w.out.segments;
  for (int i = 0; i < 1000; ++i) round();
  CHECK(allocations == before);
  CHECK(w.out.segments - segments == 1000);  // each answer carries the acknowledgement of its request
}

}  // namespace aster::net::tcp
