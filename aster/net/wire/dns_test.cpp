#include "aster/net/wire/dns.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/wire/bytes_test.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {

dns_name name(std::string_view text) {
  const auto n = dns_name::parse(text);
  REQUIRE(n);
  return *n;
}

std::vector<std::byte> emitted(const dns& m) {
  std::vector<std::byte> out(9000);
  const auto size = m.emit(out);
  REQUIRE(size);
  out.resize(*size);
  return out;
}

// One answer with everything in it that is read.
dns sample() {
  dns m;
  m.id = 0xbeef;
  m.is_response = m.recursion_desired = m.recursion_available = true;
  const dns_name www = name("www.example.com"), example = name("example.com");
  m.questions = {{www, dns_type::any}};
  m.answers = {
      {www, dns_type::cname, 60, false, example},
      {example, dns_type::a, 300, false, ip_address{10, 0, 0, 1}},
      {example, dns_type::aaaa, 300, false, *ip_address::parse("2001:db8::1")},
      {example, dns_type::srv, 120, false, dns_service{1, 2, 8080, name("host.example.com")}},
      {example, dns_type::txt, 120, true, dns_texts{{"path=/", std::string(255, 'x')}}},
      {example, dns_type::ptr, 9, false, name(R"(a\.b\\c\007.example.com)")},
      {example, dns_type::nsec, 9, true, dns_kinds{{dns_type::a, dns_type::aaaa, dns_type::srv}}},
  };
  m.authorities = {{name("com"), dns_type::soa, 900, false, dns_authority{600}}};
  m.additionals = {{example, dns_type::ns, 1, false, name("ns.example.com")}};
  m.payload_limit = 1232;
  return m;
}

}  // namespace

TEST_CASE("names: what can be one, and how it is written") {
  CHECK(to_string(name("www.Example.com")) == "www.Example.com");
  CHECK(to_string(name("www.example.com.")) == "www.example.com");
  CHECK(to_string(name(".")) == ".");
  CHECK(to_string(name(R"(Dr\. Pepper\039s\000.local)")) == R"(Dr\. Pepper's\000.local)");
  CHECK(name("a.b.c").label_count() == 3);
  CHECK(name(R"(a\.b.c)").label_count() == 2);
  CHECK(name("a.b").wire_size() == 5);
  for (const char* wrong : {"", "..", ".a", "a..b", "a\\", "a\\25", "a\\999", "a\\2x5"})
    CHECK_FALSE(dns_name::parse(wrong));
  CHECK(dns_name::parse(std::string(63, 'x')));
  CHECK_FALSE(dns_name::parse(std::string(64, 'x')));
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += i == 0 ? "a" : ".a";
  CHECK(name(longest).wire_size() == 255);
  CHECK_FALSE(dns_name::parse(longest + ".a"));
  CHECK_FALSE(name("b").below(name(longest)));
  CHECK_FALSE(dns_name::with_label("", name("local")));
}

TEST_CASE("names: case does not count, and label by label one lies within another") {
  CHECK(name("WWW.example.COM") == name("www.EXAMPLE.com"));
  CHECK_FALSE(name("www.example.com").is_exactly(name("www.example.coM")));
  CHECK(name("Www.Example").folded().labels() == name("www.example").labels());
  CHECK(name("www.example.com").is_within(name("Example.com")));
  CHECK(name("example.com").is_within(name("example.com")));
  CHECK(name("example.com").is_within({}));
  CHECK_FALSE(name("badexample.com").is_within(name("example.com")));
  CHECK_FALSE(name("com").is_within(name("example.com")));
  CHECK(name("www.example.com").parent() == name("example.com"));
  CHECK(name("www").below(name("example.com")) == name("www.example.com"));
  CHECK(dns_name::with_label("a.b", name("local")) == name(R"(a\.b.local)"));
}

TEST_CASE("names: the case of letters carries bits that come back") {
  random_source random{{1, 2}};
  const auto bits = [&] { return random.next(); };
  const dns_name plain = name("a-rather-long-name.with-9-digits.example.com");
  const dns_name mixed = plain.with_case(bits);
  CHECK(mixed == plain);
  CHECK_FALSE(mixed.is_exactly(plain));
  CHECK_FALSE(mixed.is_exactly(plain.with_case(bits)));
}

TEST_CASE("a message comes back as it was written, and names that occur again are pointers") {
  const dns m = sample();
  const auto bytes = emitted(m);
  const auto parsed = dns::parse(bytes);
  REQUIRE(parsed);
  CHECK(*parsed == m);
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  CHECK(text.find("\7example") == text.rfind("\7example"));
  for (std::size_t room = 0; room < bytes.size(); ++room) {
    std::vector<std::byte> out(room);
    CHECK_FALSE(m.emit(out));
  }
}

TEST_CASE("an answer of a real server is understood") {
  // dig example.com A, as dnsmasq passes it on.
  const auto parsed =
      dns::parse(hex("1a2b 8180 0001 0002 0000 0001"
                     "07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 0001 0001"
                     "c00c 0001 0001 0000 012c 0004 5db8d70e"
                     "c00c 0001 0001 0000 012c 0004 5db8d80e"
                     "00 0029 04d0 0000 0000 0000"));
  REQUIRE(parsed);
  CHECK(parsed->id == 0x1a2b);
  CHECK(parsed->is_response);
  CHECK(parsed->recursion_available);
  CHECK(parsed->payload_limit == 1232);
  REQUIRE(parsed->answers.size() == 2);
  CHECK(parsed->answers[1] ==
        dns_record{name("example.com"), dns_type::a, 300, false, ip_address{93, 184, 216, 14}});
  CHECK(parsed->additionals.empty());
}

TEST_CASE("pointers lead back, or the message is malformed") {
  const auto with_name = [](std::string_view encoded) {
    return dns::parse(hex("0000 0000 0001 0000 0000 0000" + std::string{encoded} + "0001 0001"));
  };
  CHECK(with_name("01 61 00"));
  CHECK_FALSE(with_name("c0 0c"));        // to itself
  CHECK_FALSE(with_name("01 61 c0 0c"));  // to its own beginning
  CHECK_FALSE(with_name("c0 0e"));        // ahead
  CHECK_FALSE(with_name("ff ff"));        // nowhere
  CHECK_FALSE(with_name("40 61 00"));     // a kind of label that never came to be
  CHECK_FALSE(with_name("3f 61 00"));     // longer than the message
  CHECK_FALSE(dns::parse(hex("0000 0000 0002 0000 0000 0000 01 61 c0 12 0001 0001 01 62 c0 0c 0001 0001")));
  CHECK(dns::parse(hex("0000 0000 0002 0000 0000 0000 01 61 00 0001 0001 01 62 c0 0c 0001 0001")));
}

TEST_CASE("a chain of pointers that makes a name too long is refused") {
  // Each record's name is one label before a pointer to the one before it.
  std::vector<std::byte> message = hex("0000 8000 0000 0028 0000 0000");
  std::size_t before = 0;
  for (int i = 0; i < 40; ++i) {
    const std::size_t here = message.size();
    for (const char c : std::string{"\7aaaaaaa"}) message.push_back(static_cast<std::byte>(c));
    if (i == 0) {
      message.push_back(std::byte{0});
    } else {
      message.push_back(static_cast<std::byte>(0xc0 | before >> 8));
      message.push_back(static_cast<std::byte>(before & 255));
    }
    before = here;
    for (const auto b : hex("0001 0001 00000001 0004 0a000001")) message.push_back(b);
  }
  CHECK_FALSE(dns::parse(message));  // 40 labels of 8 bytes
  store16(message, 6, 31);
  const auto parsed = dns::parse(message);
  REQUIRE(parsed);
  CHECK(parsed->answers.back().name.wire_size() == 249);
}

TEST_CASE("what is cut short is refused, unless the sender says that it cut") {
  auto whole = emitted(sample());
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(dns::parse(std::span{whole}.first(n)));
  whole[2] |= std::byte{2};
  const auto parsed = dns::parse(std::span{whole}.first(whole.size() / 2));
  REQUIRE(parsed);
  CHECK(parsed->is_truncated);
  CHECK(parsed->questions == sample().questions);
}

TEST_CASE("data that does not fit its type is refused") {
  const auto with_record = [](std::string_view rest) {
    return dns::parse(hex("0000 8000 0000 0001 0000 0000 00" + std::string{rest}));
  };
  CHECK(with_record("0001 0001 00000001 0004 0a000001"));
  CHECK_FALSE(with_record("0001 0001 00000001 0003 0a0000"));
  CHECK_FALSE(with_record("001c 0001 00000001 0004 0a000001"));
  CHECK_FALSE(with_record("0005 0001 00000001 0002 0000"));  // a name, and a byte too many
  CHECK_FALSE(with_record("0005 0001 00000001 0001 01"));    // a name that ends outside of its record
  CHECK_FALSE(with_record("0021 0001 00000001 0006 000000000000"));
  CHECK_FALSE(with_record("0010 0001 00000001 0002 0561"));
  CHECK_FALSE(with_record("0006 0001 00000001 0003 0000 00"));
  CHECK_FALSE(with_record("002f 0001 00000001 0003 00 00 00"));  // an empty window
  const auto other = with_record("00ff 0001 00000001 0003 0a0000");
  REQUIRE(other);  // whatever that is
  CHECK(other->answers.empty());
  const auto chaos = with_record("0010 0003 00000001 0002 0161");
  REQUIRE(chaos);
  CHECK(chaos->answers.empty());
  const auto disguised = with_record("001c 0001 00000001 0010 00000000000000000000ffff 0a000001");
  REQUIRE(disguised);
  CHECK(disguised->answers.empty());
  const auto for_ever = with_record("0001 0001 ffffffff 0004 0a000001");
  REQUIRE(for_ever);
  CHECK(for_ever->answers[0].ttl == 0);
}

TEST_CASE("more records than anybody needs are refused before they are read") {
  CHECK_FALSE(dns::parse(hex("0000 8000 0000 0201 0000 0000")));
  CHECK_FALSE(dns::parse(hex("0000 8000 0021 0000 0000 0000")));
}

TEST_CASE("any change of a message is read or refused") {
  random_source random{{6, 7}};
  const auto whole = emitted(sample());
  for (int round = 0; round < 20000; ++round) {
    auto bytes = whole;
    for (std::uint32_t i = random.below(6); i > 0; --i)
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
          static_cast<std::byte>(random.below(256));
    if (const auto parsed = dns::parse(bytes)) {
      std::vector<std::byte> out(65535);
      const auto size = parsed->emit(out);
      REQUIRE(size);
      CHECK(dns::parse(std::span{out}.first(*size)) == parsed);
    }
  }
}
