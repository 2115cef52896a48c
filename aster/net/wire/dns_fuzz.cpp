// DNS messages made of whatever comes: read or refused, and what was read is written and read as the same.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "aster/net/wire/dns.hpp"

using namespace aster::net::wire;
using namespace std::string_view_literals;

// Without the message's header: a question for "example.com", then answers that name it by a pointer.
extern const std::initializer_list<std::string_view> fuzz_seeds = {
    "www.example.com"sv,
    R"(Dr\. Pepper\039s\000.local.)"sv,
    "\7example\3com\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\x0a\0\0\1"
    "\xc0\x0c\0\x1c\0\1\0\0\1\x2c\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
    "\3www\xc0\x0c\0\5\0\1\0\0\0\x3c\0\2\xc0\x0c"
    "\0\0\x29\4\xd0\0\0\0\0\0\0"sv,
    "\5_http\4_tcp\5local\0\0\x0c\x80\1\xc0\x0c\0\x0c\0\1\0\0\x11\x94\0\7\4shop\xc0\x0c"
    "\4shop\xc0\x0c\0\x21\x80\1\0\0\0\x78\0\x0d\0\0\0\0\0\x50\4shop\xc0\x17"
    "\4shop\xc0\x0c\0\x10\x80\1\0\0\x11\x94\0\7\6path=/"
    "\4shop\xc0\x17\0\x2f\x80\1\0\0\0\x78\0\x0b\4shop\xc0\x17\0\2\x40\x08"sv,
    "\3www\7example\3com\0\0\1\0\1\xc0\x10\0\6\0\1\0\0\3\x84\0\x16"
    "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\2\x58"sv,
};
extern const std::initializer_list<std::string_view> fuzz_pieces = {
    "\xc0\x0c"sv, "\xc0\x10"sv, "\xc0\xff"sv, "\x3f"sv, "\x40"sv, "\0\1\0\1"sv, "\0\x10\0\1"sv,
    "\0\x29"sv,   "\0\x2f"sv,   "\xff"sv,     "\0"sv,   "\1a"sv,  "."sv,        "\\"sv,
};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto name = dns_name::parse(text)) {
    require(name->wire_size() <= dns_name::size_limit);
    const auto again = dns_name::parse(to_string(*name));
    require(again && again->is_exactly(*name));
  }
  // As it is, and behind a header that lets some records follow.
  for (const bool with_header : {false, true}) {
    std::vector<std::byte> message;
    if (with_header)
      for (const int b : {0, 0, 0x80, 0, 0, 1, 0, 3, 0, 1, 0, 1})
        message.push_back(static_cast<std::byte>(b));
    for (std::size_t i = 0; i < size; ++i) message.push_back(static_cast<std::byte>(data[i]));
    const auto parsed = dns::parse(message);
    if (!parsed) continue;
    std::vector<std::byte> out(std::size_t{1} << 17);
    const auto written = parsed->emit(out);
    if (!written) continue;  // pointers made it larger than a message can be when spelled out
    require(dns::parse(std::span{out}.first(*written)) == parsed);
  }
  return 0;
}
