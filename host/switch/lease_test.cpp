#include "host/switch/lease.hpp"

#include <doctest/doctest.h>

#include "aster/net/wire/dhcp.hpp"

using namespace aster;
using namespace aster::host;
using net::wire::dhcp;

namespace {

constexpr lease_terms terms{{2, 0x41, 0x53, 0x4d, 0, 7}, 0x0a4d0007, 0xffff0000, 0x0a4d0001};

std::vector<std::byte> said(dhcp message) {
  std::vector<std::byte> out(dhcp::largest_size);
  out.resize(message.emit(out));
  return out;
}

dhcp question(dhcp::message type) {
  dhcp m;
  m.type = type;
  m.transaction = 77;
  m.client_mac.bytes = terms.hardware;
  return m;
}

}  // namespace

TEST_CASE("whoever asks is offered its own address, and given it") {
  const auto offered = lease_answer(said(question(dhcp::message::discover)), terms);
  REQUIRE(offered);
  const auto offer = dhcp::parse(*offered);
  REQUIRE(offer);
  CHECK(offer->type == dhcp::message::offer);
  CHECK(offer->transaction == 77);
  CHECK(offer->yours.value == terms.address);
  CHECK(offer->mask->value == terms.mask);
  CHECK(offer->router->value == terms.server);
  CHECK(offer->dns.all().front().value == terms.server);

  dhcp request = question(dhcp::message::request);
  request.requested = offer->yours;
  request.server = offer->server;
  CHECK(dhcp::parse(*lease_answer(said(request), terms))->type == dhcp::message::ack);
}

TEST_CASE("another address than its own is not to be had") {
  dhcp request = question(dhcp::message::request);
  request.requested = net::ipv4_address{10, 77, 0, 9};
  CHECK(dhcp::parse(*lease_answer(said(request), terms))->type == dhcp::message::nak);
  dhcp renewal = question(dhcp::message::request);
  renewal.client = net::ipv4_address{terms.address};
  CHECK(dhcp::parse(*lease_answer(said(renewal), terms))->type == dhcp::message::ack);
}

TEST_CASE("what is for others, or is none, is not answered") {
  dhcp elsewhere = question(dhcp::message::request);
  elsewhere.server = net::ipv4_address{10, 77, 0, 2};
  CHECK(!lease_answer(said(elsewhere), terms));
  dhcp other = question(dhcp::message::discover);
  other.client_mac.bytes[5] = 8;
  CHECK(!lease_answer(said(other), terms));
  CHECK(!lease_answer(said(question(dhcp::message::release)), terms));
  const auto whole = said(question(dhcp::message::discover));
  for (std::size_t size = 0; size < dhcp::fixed_size; ++size)
    CHECK(!lease_answer(std::span(whole).first(size), terms));
}
