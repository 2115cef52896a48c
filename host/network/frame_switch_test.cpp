#include "host/network/frame_switch.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>
#include <string_view>

#include "host/network/name_question.hpp"

using namespace aster::host;
using place = frame_switch::decision::place;
using cause = frame_switch::decision::cause;
using namespace std::chrono_literals;

namespace {

using bytes = std::vector<std::byte>;
constexpr frame_switch::time_point start{1h};

void put(bytes& to, std::initializer_list<unsigned> values) {
  for (const unsigned v : values) to.push_back(static_cast<std::byte>(v));
}
void put_address(bytes& to, std::uint32_t a) {
  put(to, {a >> 24 & 255, a >> 16 & 255, a >> 8 & 255, a & 255});
}
void put_station(bytes& to, const hardware_address& a) {
  for (const auto b : a) to.push_back(std::byte{b});
}

constexpr hardware_address hardware(std::uint8_t last) { return {0x52, 0x54, 0, 0, 0, last}; }
constexpr std::uint32_t address(std::uint8_t last) { return 0x0a00'0000u | last; }
constexpr std::uint32_t elsewhere = 0x0808'0808u;

struct end {
  std::uint8_t last;
  std::uint16_t port = 0;
};

bytes packet(end from, end to, unsigned protocol, const bytes& transport, std::uint32_t destination = 0) {
  bytes out;
  put_station(out, hardware(to.last));
  put_station(out, hardware(from.last));
  const auto total = static_cast<unsigned>(20 + transport.size());
  put(out, {8, 0, 0x45, 0, total >> 8, total & 255, 0, 0, 0x40, 0, 64, protocol, 0, 0});
  put_address(out, address(from.last));
  put_address(out, destination != 0 ? destination : address(to.last));
  out.insert(out.end(), transport.begin(), transport.end());
  return out;
}

bytes tcp(end from, end to, unsigned flags, std::uint32_t destination = 0) {
  bytes t;
  put(t, {from.port / 256u,
          from.port % 256u,
          to.port / 256u,
          to.port % 256u,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0x50,
          flags,
          0,
          0,
          0,
          0,
          0,
          0});
  return packet(from, to, 6, t, destination);
}
constexpr unsigned syn = 2, syn_ack = 0x12, ack = 0x10, rst = 4;

bytes udp(end from, end to, std::string_view payload = "x") {
  bytes t;
  const auto size = static_cast<unsigned>(8 + payload.size());
  put(t, {from.port / 256u, from.port % 256u, to.port / 256u, to.port % 256u, size >> 8, size & 255, 0, 0});
  for (const char c : payload) t.push_back(static_cast<std::byte>(c));
  return packet(from, to, 17, t);
}

bytes icmp(end from, end to, unsigned type) {
  bytes t;
  put(t, {type, 0, 0, 0, 0, 0, 0, 0});
  return packet(from, to, 1, t);
}

bytes arp(std::uint8_t from, std::uint32_t source, std::uint32_t about, unsigned operation = 1) {
  bytes out;
  put_station(out, {255, 255, 255, 255, 255, 255});
  put_station(out, hardware(from));
  put(out, {8, 6, 0, 1, 8, 0, 6, 4, 0, operation});
  put_station(out, hardware(from));
  put_address(out, source);
  put_station(out, {});
  put_address(out, about);
  return out;
}

/// Three instances on ports: `web` may reach `paste`, nobody may reach `alone`; `web` may go out.
struct galaxy {
  frame_switch net{{hardware(1), address(1), address(2)}};
  frame_switch::port web = net.add({hardware(10), address(10), 1, true});
  frame_switch::port paste = net.add({hardware(11), address(11), 2, false});
  frame_switch::port alone = net.add({hardware(12), address(12), 3, false});
  galaxy() { net.allow(1, 2); }

  place from(frame_switch::port p, const bytes& frame, frame_switch::time_point now = start) {
    return net.decide(p, frame, now).to;
  }
  cause why(frame_switch::port p, const bytes& frame) { return net.decide(p, frame, start).why; }
};

}  // namespace

TEST_CASE("connections are opened in the declared direction alone, and both sides speak on them") {
  galaxy g;
  const auto go = g.net.decide(g.web, tcp({10, 4000}, {11, 80}, syn), start);
  CHECK(go.to == place::port);
  CHECK(go.where == g.paste);
  CHECK(g.from(g.paste, tcp({11, 80}, {10, 4000}, syn_ack)) == place::port);
  CHECK(g.from(g.web, tcp({10, 4000}, {11, 80}, ack)) == place::port);
  CHECK(g.from(g.paste, tcp({11, 80}, {10, 4000}, rst)) == place::port);

  CHECK(g.why(g.paste, tcp({11, 4000}, {10, 80}, syn)) == cause::undeclared);
  CHECK(g.why(g.paste, tcp({11, 4000}, {10, 80}, syn | 1)) ==
        cause::undeclared);  // with FIN, it opens as well
  CHECK(g.why(g.web, tcp({10, 4000}, {12, 80}, syn)) == cause::undeclared);
  CHECK(g.why(g.alone, tcp({12, 80}, {10, 4000}, ack)) == cause::undeclared);
}

TEST_CASE("a datagram is answered within its time, and never sent unasked") {
  galaxy g;
  CHECK(g.from(g.paste, udp({11, 53}, {10, 999})) == place::nowhere);
  CHECK(g.from(g.web, udp({10, 999}, {11, 53})) == place::port);
  CHECK(g.from(g.paste, udp({11, 53}, {10, 999})) == place::port);
  CHECK(g.from(g.paste, udp({11, 53}, {10, 998})) == place::nowhere);
  CHECK(g.from(g.paste, udp({11, 53}, {10, 999}), start + 61s) == place::nowhere);
}

TEST_CASE("echo is asked for in the declared direction, and answered") {
  galaxy g;
  CHECK(g.from(g.web, icmp({10}, {11}, 8)) == place::port);
  CHECK(g.from(g.paste, icmp({11}, {10}, 0)) == place::port);
  CHECK(g.from(g.paste, icmp({11}, {10}, 8)) == place::nowhere);
  CHECK(g.from(g.paste, icmp({11}, {10}, 3)) == place::port);     // unreachable
  CHECK(g.from(g.paste, icmp({11}, {10}, 5)) == place::nowhere);  // redirect
}

TEST_CASE("nobody speaks for another") {
  galaxy g;
  CHECK(g.why(g.web, tcp({11, 80}, {12, 1}, syn)) == cause::spoofed);
  bytes other = tcp({10, 80}, {11, 80}, syn);
  other[14 + 15] = std::byte{11};  // its source address
  CHECK(g.why(g.web, other) == cause::spoofed);
  CHECK(g.why(g.web, arp(10, address(11), address(11))) == cause::spoofed);
  bytes liar = arp(10, address(10), address(11));
  liar[14 + 13] = std::byte{11};  // another station in the packet than in the frame
  CHECK(g.why(g.web, liar) == cause::malformed);
}

TEST_CASE("the switch answers for those that may be reached, and for nobody else") {
  galaxy g;
  const auto reply = g.net.decide(g.web, arp(10, address(10), address(11)), start);
  REQUIRE(reply.to == place::back);
  const auto seen = frame_view::of(reply.answer);
  REQUIRE(seen.has_value());
  CHECK(seen->what == frame_view::kind::arp_reply);
  CHECK(seen->from == hardware(11));
  CHECK(seen->to == hardware(10));
  CHECK(seen->source == address(11));
  CHECK(seen->destination == address(10));

  CHECK(g.from(g.paste, arp(11, address(11), address(10))) == place::back);  // it has to answer
  CHECK(g.why(g.web, arp(10, address(10), address(12))) == cause::undeclared);
  CHECK(g.why(g.web, arp(10, address(10), address(99))) == cause::absent);
  CHECK(frame_view::of(g.net.decide(g.alone, arp(12, address(12), address(1)), start).answer)->from ==
        hardware(1));
  // A probe and an announcement of its own address: silence means that it is free.
  CHECK(g.from(g.web, arp(10, 0, address(10))) == place::nowhere);
  CHECK(g.from(g.web, arp(10, address(10), address(10))) == place::nowhere);
}

TEST_CASE("the world is reached by those that may, and reaches what is published") {
  galaxy g;
  CHECK(g.from(g.web, tcp({10, 4000}, {1, 443}, syn, elsewhere)) == place::world);
  CHECK(g.why(g.paste, tcp({11, 4000}, {1, 443}, syn, elsewhere)) == cause::undeclared);
  CHECK(g.why(g.web, tcp({10, 4000}, {11, 443}, syn, elsewhere)) ==
        cause::absent);  // not by way of a neighbour

  bytes in = tcp({1, 443}, {11, 80}, syn);
  for (int i = 0; i < 4; ++i) in[static_cast<std::size_t>(14 + 12 + i)] = std::byte{8};
  CHECK(g.net.decide_from_world(in, start).why == cause::undeclared);
  g.net.publish(g.paste, 80);
  CHECK(g.net.decide_from_world(in, start).where == g.paste);
  CHECK(g.from(g.paste, tcp({11, 80}, {1, 443}, syn_ack, elsewhere)) == place::world);
  CHECK(g.why(g.paste, tcp({11, 81}, {1, 443}, syn_ack, elsewhere)) == cause::undeclared);
  CHECK(g.net.decide_from_world(tcp({10, 1}, {11, 80}, syn), start).why == cause::spoofed);
}

TEST_CASE("whoever is gone is not there any more") {
  galaxy g;
  g.net.remove(g.paste);
  CHECK(g.why(g.web, tcp({10, 4000}, {11, 80}, syn)) == cause::absent);
  CHECK(g.why(g.paste, tcp({11, 80}, {10, 4000}, ack)) == cause::absent);
}

TEST_CASE("a question for a name reaches the server of names, and its answer the one who asked") {
  galaxy g;
  constexpr std::string_view asked{"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x05PaSte\0\0\x01\0\x01", 23};
  const bytes frame = udp({12, 5000}, {2, 53}, asked);
  const auto go = g.net.decide(g.alone, frame, start);
  REQUIRE(go.to == place::question);
  CHECK(go.where == g.alone);
  const auto seen = frame_view::of(frame);
  const auto q = name_question::of(seen->payload);
  REQUIRE(q.has_value());
  CHECK(q->name == "paste");
  CHECK(q->type == name_question::type_a);
  const std::uint32_t addresses[] = {address(11), address(13)};
  const bytes reply = g.net.name_answer(*seen, answer(*q, name_verdict::found, addresses, 1s));
  const auto back = frame_view::of(reply);
  REQUIRE(back.has_value());
  CHECK(back->to == hardware(12));
  CHECK(back->source == address(2));
  CHECK(back->source_port == 53);
  CHECK(back->destination == address(12));
  CHECK(back->destination_port == 5000);
  constexpr std::string_view told{
      "\x12\x34\x85\x80\0\x01\0\x02\0\0\0\0\x05PaSte\0\0\x01\0\x01"
      "\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0\0\x0b\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0\0\x0d",
      55};
  REQUIRE(back->payload.size() == told.size());
  CHECK(std::memcmp(back->payload.data(), told.data(), told.size()) == 0);

  CHECK(g.why(g.alone, tcp({12, 5000}, {2, 53}, syn)) == cause::undeclared);
  CHECK(g.why(g.alone, udp({12, 5000}, {2, 54}, asked)) == cause::undeclared);
}

TEST_CASE("questions of an impossible form are none") {
  const auto read = [](std::string_view text) {
    return name_question::of(std::as_bytes(std::span{text})).has_value();
  };
  constexpr std::string_view good{
      "\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x01"
      "a\0\0\x01\0\x01",
      19};
  CHECK(read(good));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(read(good.substr(0, size)));
  CHECK_FALSE(
      read({"\x12\x34\x81\x00\0\x01\0\0\0\0\0\0\x01"
            "a\0\0\x01\0\x01",
            19}));  // a response
  CHECK_FALSE(
      read({"\x12\x34\x01\x00\0\x02\0\0\0\0\0\0\x01"
            "a\0\0\x01\0\x01",
            19}));                                                                      // two questions
  CHECK_FALSE(read({"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\xc0\x0c\0\0\x01\0\x01", 19}));  // a pointer to itself
  CHECK_FALSE(read({"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x01.\0\0\x01\0\x01", 19}));     // a dot in a label
}

TEST_CASE("frames that are cut or lie about their lengths go nowhere") {
  galaxy g;
  const bytes whole = udp({10, 1}, {11, 2}, "payload");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(g.why(g.web, bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) ==
          cause::malformed);
  const auto changed = [&](std::size_t at, unsigned value) {
    bytes frame = whole;
    frame[at] = static_cast<std::byte>(value);
    return g.why(g.web, frame);
  };
  CHECK(changed(12, 0x86) == cause::malformed);      // another protocol
  CHECK(changed(14, 0x44) == cause::malformed);      // a short header
  CHECK(changed(14, 0x4f) == cause::malformed);      // a header beyond the packet
  CHECK(changed(14 + 3, 255) == cause::malformed);   // a packet beyond the frame
  CHECK(changed(14 + 6, 0x20) == cause::malformed);  // a fragment
  CHECK(changed(14 + 9, 47) == cause::malformed);    // another transport
  CHECK(changed(14 + 25, 255) == cause::malformed);  // a datagram beyond the packet
}

TEST_CASE("the switch's own programs reach every station, which answer them, and few are let in to them") {
  galaxy g;
  // As the gateway: address(1).
  CHECK(g.net.decide_from_own(tcp({1, 4000}, {12, 80}, syn)).where == g.alone);
  CHECK(g.from(g.alone, tcp({12, 80}, {1, 4000}, syn_ack)) == place::own);
  CHECK(g.net.decide_from_own(tcp({1, 4000}, {99, 80}, syn)).why == cause::absent);
  const auto reply = g.net.decide_from_own(arp(1, address(1), address(12)));
  REQUIRE(reply.to == place::back);
  CHECK(frame_view::of(reply.answer)->from == hardware(12));

  CHECK(g.why(g.web, tcp({10, 4000}, {1, 7777}, syn)) == cause::undeclared);
  g.net.admit(1, 7777);
  CHECK(g.from(g.web, tcp({10, 4000}, {1, 7777}, syn)) == place::own);
  CHECK(g.why(g.paste, tcp({11, 4000}, {1, 7777}, syn)) == cause::undeclared);
  CHECK(g.why(g.web, tcp({10, 4000}, {1, 7778}, syn)) == cause::undeclared);
  CHECK(g.from(g.web, icmp({10}, {1}, 8)) == place::own);
  CHECK(g.why(g.web, udp({10, 1}, {1, 1})) == cause::undeclared);
}

TEST_CASE("who has no address may ask for one, and for nothing else") {
  galaxy g;
  bytes question = udp({10, 68}, {255, 67});
  for (std::size_t i = 0; i < 4; ++i) {
    question[14 + 12 + i] = std::byte{0};
    question[14 + 16 + i] = std::byte{255};
  }
  CHECK(g.from(g.web, question) == place::lease);
  CHECK(g.why(g.paste, question) == cause::spoofed);  // by another's hardware address
  question[14 + 20 + 1] = std::byte{69};
  CHECK(g.why(g.web, question) == cause::spoofed);
  CHECK(g.from(g.web, udp({10, 68}, {1, 67})) == place::lease);  // renewing
}

TEST_CASE("rules are replaced as a whole, and a station may change its service") {
  galaxy g;
  g.net.allow_only({{3, 2}});
  CHECK(g.why(g.web, tcp({10, 4000}, {11, 80}, syn)) == cause::undeclared);
  CHECK(g.from(g.alone, tcp({12, 4000}, {11, 80}, syn)) == place::port);
  g.net.change(g.alone, {hardware(12), address(12), 4, false});
  CHECK(g.why(g.alone, tcp({12, 4000}, {11, 80}, syn)) == cause::undeclared);
}

TEST_CASE("neither the gateway's own loopback nor an empty place in the network is the world") {
  frame_switch net{{.hardware = hardware(1), .address = address(1), .names = address(2), .mask = 0xffffff00}};
  const auto web = net.add({hardware(10), address(10), 1, true});
  const auto why = [&](std::uint32_t to) {
    return net.decide(web, tcp({10, 4000}, {1, 80}, syn, to), start).why;
  };
  CHECK(why(elsewhere) == cause::none);
  for (const std::uint32_t to :
       {0x7f000001u, 0x0a000063u, 0x0a0000ffu, 0xe0000001u, 0xffffffffu, 0x00000001u})
    CHECK(why(to) == cause::absent);
}
