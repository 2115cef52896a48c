// The DHCP client against a server that the test plays, in virtual time (RFC 2131).
#include "aster/net/dhcp_client.hpp"

#include <doctest/doctest.h>

using namespace aster::net;
using namespace std::chrono_literals;
using message = wire::dhcp::message;

namespace {

constexpr mac_address mac{{0x52, 0x54, 0, 0, 0, 1}};
constexpr ipv4_address server{10, 0, 0, 1}, other_server{10, 0, 0, 9};

struct world {
  random_source random{{1, 2}};
  dhcp_client client{mac, "shop", random};
  time_point now{};

  world() { client.start(now); }

  dhcp_client::outgoing sent(message type) {
    const auto out = client.next();
    REQUIRE(out);
    CHECK(out->message.type == type);
    CHECK(out->message.client_mac == mac);
    CHECK(out->message.host_name == "shop");
    return *out;
  }
  void silent() { CHECK_FALSE(client.next()); }

  wire::dhcp reply(const wire::dhcp& to, message type) {
    wire::dhcp m;
    m.type = type;
    m.is_reply = true;
    m.transaction = to.transaction;
    m.client_mac = mac;
    m.yours = {10, 0, 0, 15};
    m.server = server;
    m.lease = 1000;
    m.mask = ipv4_address{255, 255, 255, 0};
    m.router = server;
    m.dns.add({10, 0, 0, 3});
    return m;
  }

  // Goes to the client's deadline, which must lie in [least, most] from now.
  bool wake(duration least, duration most) {
    CHECK(client.deadline() - now >= least);
    CHECK(client.deadline() - now <= most);
    now = client.deadline();
    return client.expired(now);
  }

  // Discover, offer, request, acknowledgement.
  void bind() {
    const auto d = sent(message::discover);
    CHECK_FALSE(client.arrived(reply(d.message, message::offer), now));
    const auto r = sent(message::request);
    CHECK(client.arrived(reply(r.message, message::ack), now));
    silent();
  }
};

}  // namespace

TEST_CASE("discover, offer, request, acknowledgement") {
  world w;
  const auto d = w.sent(message::discover);
  CHECK(d.source.is_unspecified());
  CHECK(d.destination.is_limited_broadcast());
  CHECK_FALSE(d.message.requested);
  CHECK_FALSE(w.client.arrived(w.reply(d.message, message::offer), w.now));
  const auto r = w.sent(message::request);
  CHECK(r.source.is_unspecified());
  CHECK(r.destination.is_limited_broadcast());
  CHECK(r.message.requested == ipv4_address{10, 0, 0, 15});
  CHECK(r.message.server == server);
  CHECK(r.message.client.is_unspecified());
  CHECK(r.message.transaction == d.message.transaction);
  CHECK_FALSE(w.client.lease());
  CHECK(w.client.arrived(w.reply(r.message, message::ack), w.now));
  REQUIRE(w.client.lease());
  CHECK(to_string(w.client.lease()->address) == "10.0.0.15/24");
  CHECK(w.client.lease()->router == server);
  CHECK(w.client.lease()->dns == std::vector{ipv4_address{10, 0, 0, 3}});
  w.silent();
}

TEST_CASE(
    "a server that does not answer is asked again after 4, 8, 16, 32, 64, 64 … seconds, each a second off") {
  world w;
  w.sent(message::discover);
  for (const auto wait : {4s, 8s, 16s, 32s, 64s, 64s, 64s}) {
    w.wake(wait - 1s, wait + 1s);
    w.sent(message::discover);
  }
}

TEST_CASE("every wait is another: clients that start together do not stay together") {
  world w;
  random_source other{{1, 3}};
  dhcp_client neighbour{mac, "", other};
  neighbour.start(w.now);
  CHECK(neighbour.deadline() != w.client.deadline());
}

TEST_CASE(
    "an offer that is not followed by an acknowledgement is asked for four times, then all begins anew") {
  world w;
  const auto d = w.sent(message::discover);
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  w.sent(message::request);
  for (const auto wait : {4s, 8s, 16s}) {
    w.wake(wait - 1s, wait + 1s);
    w.sent(message::request);
  }
  w.wake(31s, 33s);
  const auto again = w.sent(message::discover);
  CHECK(again.message.transaction != d.message.transaction);
  CHECK(again.message.seconds >= 55);
}

TEST_CASE("a lease is renewed at half its time, by unicast") {
  world w;
  w.bind();
  w.wake(500s, 500s);
  const auto r = w.sent(message::request);
  CHECK(r.destination == server);
  CHECK(r.source == ipv4_address{10, 0, 0, 15});
  CHECK(r.message.client == ipv4_address{10, 0, 0, 15});
  CHECK_FALSE(r.message.requested);
  CHECK_FALSE(r.message.server);
  CHECK_FALSE(w.client.arrived(w.reply(r.message, message::ack), w.now));  // the same terms
  REQUIRE(w.client.lease());
  w.wake(500s, 500s);
  w.sent(message::request);
}

TEST_CASE("a renewal that stays unanswered is repeated, then broadcast, then the lease is lost") {
  world w;
  w.bind();
  w.wake(500s, 500s);
  CHECK(w.sent(message::request).destination == server);
  w.wake(187s, 188s);  // half of what is left until 875
  CHECK(w.sent(message::request).destination == server);
  w.wake(93s, 94s);
  CHECK(w.sent(message::request).destination == server);
  w.wake(60s, 60s);  // no sooner than a minute
  CHECK(w.sent(message::request).destination == server);
  w.wake(33s, 35s);  // 875: anybody may renew it
  const auto r = w.sent(message::request);
  CHECK(r.destination.is_limited_broadcast());
  CHECK(r.source == ipv4_address{10, 0, 0, 15});
  w.wake(62s, 63s);
  w.sent(message::request);
  w.wake(60s, 60s);
  w.sent(message::request);
  CHECK(w.client.lease());
  CHECK(w.wake(1s, 3s));  // 1000
  CHECK_FALSE(w.client.lease());
  w.sent(message::discover);
}

TEST_CASE("another server may answer when rebinding") {
  world w;
  w.bind();
  w.now = time_point{875s};
  while (w.client.deadline() <= w.now) {
    w.client.expired(w.client.deadline());
    (void)w.client.next();
  }
  w.client.expired(w.now);
  auto probe = w.reply({}, message::ack);
  (void)probe;
  w.wake(60s, 63s);
  const auto r = w.sent(message::request);
  auto ack = w.reply(r.message, message::ack);
  ack.server = other_server;
  ack.router = other_server;
  CHECK(w.client.arrived(ack, w.now));
  CHECK(w.client.lease()->router == other_server);
  w.wake(500s, 500s);
  CHECK(w.sent(message::request).destination == other_server);
}

TEST_CASE("a refusal takes the address away and begins anew") {
  world w;
  w.bind();
  w.wake(500s, 500s);
  const auto r = w.sent(message::request);
  CHECK(w.client.arrived(w.reply(r.message, message::nak), w.now));
  CHECK_FALSE(w.client.lease());
  w.bind();
  CHECK(w.client.lease());
}

TEST_CASE("a refusal of the request begins anew") {
  world w;
  const auto d = w.sent(message::discover);
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  const auto r = w.sent(message::request);
  auto nak = w.reply(r.message, message::nak);
  nak.server = other_server;  // not the one that we asked
  CHECK_FALSE(w.client.arrived(nak, w.now));
  w.silent();
  w.client.arrived(w.reply(r.message, message::nak), w.now);
  w.sent(message::discover);
}

TEST_CASE("the server's own times for renewal and rebinding count, if they make sense") {
  world w;
  const auto d = w.sent(message::discover);
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  const auto r = w.sent(message::request);
  auto ack = w.reply(r.message, message::ack);
  ack.renewal = 100;
  ack.rebinding = 200;
  w.client.arrived(ack, w.now);
  w.wake(100s, 100s);
  CHECK(w.sent(message::request).destination == server);
  w.wake(60s, 60s);
  w.sent(message::request);
  w.wake(40s, 40s);
  const auto b = w.sent(message::request);
  CHECK(b.destination.is_limited_broadcast());
  ack = w.reply(b.message, message::ack);
  ack.renewal = 5000;
  ack.rebinding = 4000;  // beyond the lease
  w.client.arrived(ack, w.now);
  w.wake(500s, 500s);
}

TEST_CASE("a lease for ever is never renewed, and one of no time is kept for a little") {
  world w;
  const auto d = w.sent(message::discover);
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  const auto r = w.sent(message::request);
  auto ack = w.reply(r.message, message::ack);
  ack.lease = 0xffffffff;
  CHECK(w.client.arrived(ack, w.now));
  CHECK(w.client.deadline() == never);

  world z;
  const auto dz = z.sent(message::discover);
  z.client.arrived(z.reply(dz.message, message::offer), z.now);
  const auto rz = z.sent(message::request);
  ack = z.reply(rz.message, message::ack);
  ack.lease = 0;
  CHECK(z.client.arrived(ack, z.now));
  CHECK(z.client.deadline() - z.now >= 10s);
}

TEST_CASE("messages for others, of another transaction, or without sense are ignored") {
  world w;
  const auto d = w.sent(message::discover);
  const auto ignored = [&](auto change) {
    auto offer = w.reply(d.message, message::offer);
    change(offer);
    CHECK_FALSE(w.client.arrived(offer, w.now));
    w.silent();
  };
  ignored([](auto& m) { m.transaction ^= 1; });
  ignored([](auto& m) { m.client_mac.bytes[5] = 9; });
  ignored([](auto& m) { m.is_reply = false; });
  ignored([](auto& m) { m.server.reset(); });
  ignored([](auto& m) { m.yours = {}; });
  ignored([](auto& m) { m.yours = ipv4_address::broadcast(); });
  ignored([](auto& m) { m.type = message::ack; });
  ignored([](auto& m) { m.type = message::nak; });
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  const auto r = w.sent(message::request);
  const auto refused = [&](auto change) {
    auto ack = w.reply(r.message, message::ack);
    change(ack);
    CHECK_FALSE(w.client.arrived(ack, w.now));
    CHECK_FALSE(w.client.lease());
  };
  refused([](auto& m) { m.lease.reset(); });
  refused([](auto& m) { m.mask = ipv4_address{255, 0, 255, 0}; });
  refused([](auto& m) { m.server = other_server; });
  refused([](auto& m) { m.yours = ipv4_address{127, 0, 0, 1}; });
  CHECK(w.client.arrived(w.reply(r.message, message::ack), w.now));
}

TEST_CASE("an address that somebody uses is declined, and asked for anew after a pause") {
  world w;
  w.bind();
  CHECK(w.client.declined(w.now));
  CHECK_FALSE(w.client.lease());
  const auto d = w.sent(message::decline);
  CHECK(d.message.requested == ipv4_address{10, 0, 0, 15});
  CHECK(d.message.server == server);
  w.wake(10s, 10s);
  w.bind();
}

TEST_CASE("with routes in the lease its router means nothing (RFC 3442)") {
  world w;
  const auto d = w.sent(message::discover);
  w.client.arrived(w.reply(d.message, message::offer), w.now);
  const auto r = w.sent(message::request);
  auto ack = w.reply(r.message, message::ack);
  ack.routes.add({{{10, 9, 0, 0}, 16}, {10, 0, 0, 4}});
  ack.mtu = 1400;
  ack.domain = "example.net";
  CHECK(w.client.arrived(ack, w.now));
  CHECK_FALSE(w.client.lease()->router);
  REQUIRE(w.client.lease()->routes.size() == 1);
  CHECK(w.client.lease()->mtu == 1400);
  CHECK(w.client.lease()->domain == "example.net");
}
