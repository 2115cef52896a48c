#include "host/switch/lease.hpp"

#include <algorithm>

#include "aster/net/wire/dhcp.hpp"

namespace aster::host {
namespace {

using net::ipv4_address;
using net::wire::dhcp;

constexpr std::uint32_t for_a_day = 86'400;

}  // namespace

std::optional<std::vector<std::byte>> lease_answer(std::span<const std::byte> datagram,
                                                   const lease_terms& terms) {
  const auto asked = dhcp::parse(datagram);
  if (!asked || asked->is_reply || asked->client_mac.bytes != terms.hardware) return std::nullopt;
  const ipv4_address server{terms.server}, address{terms.address};
  dhcp answer;
  answer.is_reply = true;
  answer.transaction = asked->transaction;
  answer.broadcast = asked->broadcast;
  answer.client_mac = asked->client_mac;
  answer.server = server;
  switch (asked->type) {
    case dhcp::message::discover: answer.type = dhcp::message::offer; break;
    case dhcp::message::request: {
      if (asked->server && *asked->server != server) return std::nullopt;
      const ipv4_address wanted = asked->requested.value_or(asked->client);
      answer.type = wanted == address ? dhcp::message::ack : dhcp::message::nak;
      break;
    }
    case dhcp::message::inform: answer.type = dhcp::message::ack; break;
    case dhcp::message::offer:
    case dhcp::message::decline:
    case dhcp::message::ack:
    case dhcp::message::nak:
    case dhcp::message::release: return std::nullopt;
  }
  if (answer.type != dhcp::message::nak) {
    if (asked->type == dhcp::message::inform) {
      answer.client = asked->client;
    } else {
      answer.yours = address;
      answer.lease = for_a_day;
    }
    answer.mask = ipv4_address{terms.mask};
    answer.router = server;
    answer.dns.add(server);
  }
  std::vector<std::byte> out(dhcp::largest_size);
  out.resize(answer.emit(out));
  return out;
}

}  // namespace aster::host
