// The two machines that hear DNS messages from anybody, fed by whatever comes: one that asks a server, and
// one that has a name on the link. What they hold stays bounded, and both come to an end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "aster/net/names/query.hpp"
#include "aster/net/names/responder.hpp"

using namespace aster::net;
using namespace std::string_view_literals;

// Messages one behind the other, each behind its length: the first byte of the input is the first length.
extern const std::initializer_list<std::string_view> fuzz_seeds = {
    // An answer with an alias and an address; number and flags are put in place.
    "\x4b\0\0\x81\x80\0\1\0\2\0\0\0\0\3www\7example\3com\0\0\1\0\1\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3cdn\xc0\x10"
    "\xc0\x2d\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"sv,
    // A question for the name, a probe with a greater address, and a claim.
    "\x1c\0\0\0\0\0\1\0\0\0\0\0\0\4shop\5local\0\0\xff\0\1"
    "\x2c\0\0\0\0\0\1\0\0\0\1\0\0\4shop\5local\0\0\xff\0\1\xc0\x0c\0\1\0\1\0\0\0\x78\0\4\x0a\0\0\xff"
    "\x26\0\0\x84\0\0\0\0\1\0\0\0\0\4shop\5local\0\0\1\x80\1\0\0\0\x78\0\4\x0a\0\0\xff"sv,
    "\x22\0\0\0\0\0\1\0\0\0\0\0\0\5_http\4_tcp\5local\0\0\x0c\0\1"sv,
};
extern const std::initializer_list<std::string_view> fuzz_pieces = {
    "\4shop\5local\0"sv,
    "\6shop-2\5local\0"sv,
    "\xc0\x0c"sv,
    "\0\x21\0\1"sv,
    "\x84\0"sv,
    "\2\0"sv,
    "\x20"sv,
    "\0"sv,
    "\xff"sv,
};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  random_source random{{1, 2}};
  const ip_address server{10, 0, 0, 53};
  const endpoint neighbour{{10, 0, 0, 9}, wire::dns::multicast_port}, stranger{{10, 0, 0, 9}, 50000};
  time_point now{};
  names::query q{
      *wire::dns_name::parse("www.example.com"), wire::dns_type::a, {server, {10, 0, 0, 54}}, random, now};
  names::responder r{"shop", random};
  r.announce({}, now);
  r.set_addresses({ip_address{10, 0, 0, 2}}, now);

  for (std::size_t at = 0; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    std::vector<std::byte> message;
    for (std::size_t i = 0; i < length; ++i) message.push_back(static_cast<std::byte>(data[at + 1 + i]));
    at += 1 + length;

    r.arrived(length % 3 == 0 ? stranger : neighbour, message, now);
    if (const auto* a = q.current(); a != nullptr && length > wire::dns::header_size + 1) {
      // With the right number and question, so that the fuzzer gets past them.
      std::vector<std::byte> answer = message;
      std::copy_n(a->message.begin(), 2, answer.begin());
      if (length > 40 && a->message.size() > 33)
        std::copy(a->message.begin() + 12, a->message.begin() + 33, answer.begin() + 12);
      q.arrived(a->server, answer, now);
      q.arrived(a->server, message, now);
    }
    std::size_t sent = 0;
    while (auto t = r.next()) {
      std::vector<std::byte> out(9000);
      require(t->message.emit(out).has_value());
      require(++sent < 100);
    }
    now += std::chrono::milliseconds{100};
    r.expired(now);
    require(r.deadline() > now);
  }
  for (int steps = 0; q.current() != nullptr; ++steps) {
    now = std::max(now, q.deadline());
    q.expired(now);
    require(steps < 1000);
  }
  if (q.result()->is == names::finding::kind::found) {
    require(!q.result()->records.empty() && q.result()->records.size() <= names::finding::record_limit);
    for (const auto& record : q.result()->records) require(record.type == wire::dns_type::a);
  }
  return 0;
}
