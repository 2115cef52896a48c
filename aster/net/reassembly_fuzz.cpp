// The reassembly against a model that keeps a byte for each place: whatever comes in which order, a datagram
// that comes out has exactly the bytes that went in, and the limits hold.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <vector>

#include "aster/net/reassembly.hpp"

namespace aster::net {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace
}  // namespace aster::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aster::net;
  std::size_t at = 0;
  const auto byte = [&]() -> std::size_t { return at < size ? data[at++] : 0; };
  counters counts;
  reassembly fragments{counts};
  time_point now{};
  const std::vector<std::byte> head(20);
  // By a datagram's name, for each place which of the two values that it may have were sent.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint8_t>> sent;

  for (int steps = 0; at < size && steps < 1000; ++steps) {
    const std::size_t what = byte();
    if (what % 16 == 0) {
      now += std::chrono::milliseconds{byte() * 100};
      fragments.expired(now, [](wire::bytes quote) { require(quote.size() > 20); });
      require(fragments.deadline() > now);
      continue;
    }
    const ipv4_address source{static_cast<std::uint32_t>(0x0a000001 + (what >> 4) % 3)};
    const auto id = static_cast<std::uint32_t>(byte() % 5);
    // Places near each other, so that they meet; now and then the far end.
    std::size_t offset = byte() % 16 * 8, length = byte() % 16 * 8;
    const std::size_t bits = byte();
    if (bits % 16 == 0) offset += 65400;
    if (bits % 16 == 1) length *= 64;
    const bool more = (bits & 32) == 0;
    if (!more || bits % 64 == 2) length += bits >> 6;
    std::vector<std::byte> payload(length);
    const std::size_t salt = (bits & 16) != 0 ? 0 : byte() % 2;
    for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<std::byte>((offset + i) * 7 + salt);
    auto& places = sent[{source.value, id}];
    places.resize(std::max(places.size(), offset + length));
    for (std::size_t i = 0; i < length; ++i) places[offset + i] |= static_cast<std::uint8_t>(1 << salt);

    const auto r = fragments.arrived({.from = {source, {10, 0, 0, 2}, id, 17},
                                      .head = head,
                                      .offset = offset,
                                      .more = more,
                                      .payload = payload,
                                      .congestion = static_cast<std::uint8_t>(what % 16 == 1 ? 3 : 0)},
                                     now);
    require(fragments.in_use() <= reassembly::byte_limit);
    require(fragments.size() <= reassembly::datagram_limit);
    if (r.what != reassembly::verdict::complete) continue;
    require(r.head_size == 20 && r.packet.size() > 20);
    require(r.packet.size() <= 20 + reassembly::largest);
    for (std::size_t i = 20; i < r.packet.size(); ++i) {
      const auto salted = static_cast<std::uint8_t>(std::to_integer<std::size_t>(r.packet[i]) - (i - 20) * 7);
      require(salted < 2 && (places[i - 20] & 1 << salted) != 0);
    }
  }
  now += std::chrono::minutes{2};
  fragments.expired(now, [](wire::bytes) {});
  require(fragments.size() == 0 && fragments.in_use() == 0 && fragments.deadline() == never);
  return 0;
}
