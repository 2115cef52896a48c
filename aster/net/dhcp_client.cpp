#include "aster/net/dhcp_client.hpp"

#include <algorithm>
#include <bit>

namespace aster::net {

namespace {
constexpr unsigned request_tries = 4;
constexpr duration least_lease = std::chrono::seconds{30};    // shorter ones would be nothing but DHCP
constexpr duration least_renewal = std::chrono::seconds{60};  // RFC 2131 §4.4.5
constexpr duration decline_pause = std::chrono::seconds{10};  // RFC 2131 §3.1 step 5
constexpr std::uint32_t for_ever = 0xffffffff;
}  // namespace

// RFC 2131 §4.1: 4 s, doubled up to 64 s, each a second more or less.
duration dhcp_client::backoff() {
  const duration base = std::chrono::seconds{4u << std::min(tries_, 4u)};
  ++tries_;
  return base - std::chrono::seconds{1} + std::chrono::milliseconds{random_.below(2000)};
}

void dhcp_client::start(time_point now) {
  began_ = now;
  tries_ = 0;
  // RFC 2131 §4.4.1 wants a random pause first, against a power failure that starts a whole site at once.
  // An image starts when somebody waits for it: it asks at once.
  discover(now);
}

void dhcp_client::discover(time_point now) {
  state_ = state::selecting;
  transaction_ = random_.next32();
  transmit(wire::dhcp::message::discover, now);
  deadline_ = now + backoff();
}

void dhcp_client::transmit(wire::dhcp::message type, time_point now) {
  due_ = type;
  now_ = now;
}

std::optional<dhcp_client::outgoing> dhcp_client::next() {
  if (!due_) return std::nullopt;
  outgoing out;
  wire::dhcp& m = out.message;
  m.type = *due_;
  due_.reset();
  m.transaction = transaction_;
  m.client_mac = mac_;
  m.host_name = host_name_;
  m.seconds = static_cast<std::uint16_t>(std::clamp<std::int64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now_ - began_).count(), 0, 65535));
  out.destination = ipv4_address::broadcast();
  switch (m.type) {
    case wire::dhcp::message::discover: break;
    case wire::dhcp::message::request:
      if (state_ == state::requesting) {
        m.requested = offered_;
        m.server = server_;
      } else {  // RFC 2131 §4.3.2: renewing and rebinding name the address as one that is in use
        m.client = lease_->address.address;
        out.source = m.client;
        if (state_ == state::renewing) out.destination = server_;
      }
      break;
    case wire::dhcp::message::decline:
      m.requested = offered_;
      m.server = server_;
      break;
    case wire::dhcp::message::offer:
    case wire::dhcp::message::ack:
    case wire::dhcp::message::nak:
    case wire::dhcp::message::release:
    case wire::dhcp::message::inform: break;  // never due
  }
  return out;
}

bool dhcp_client::arrived(const wire::dhcp& m, time_point now) {
  if (!m.is_reply || m.transaction != transaction_ || m.client_mac != mac_) return false;
  const bool asking = state_ == state::requesting || state_ == state::renewing || state_ == state::rebinding;
  if (m.type == wire::dhcp::message::offer && state_ == state::selecting) {
    if (!m.server || !m.yours.is_unicast()) return false;
    offered_ = m.yours;
    server_ = *m.server;
    state_ = state::requesting;
    tries_ = 0;
    asked_ = now;
    transmit(wire::dhcp::message::request, now);
    deadline_ = now + backoff();
    return false;
  }
  if (m.type == wire::dhcp::message::ack && asking) return take_acknowledgement(m, now);
  if (m.type == wire::dhcp::message::nak && asking) {
    if (state_ == state::requesting && m.server && *m.server != server_) return false;
    return lose(now, duration::zero());
  }
  return false;
}

bool dhcp_client::take_acknowledgement(const wire::dhcp& m, time_point now) {
  if (state_ == state::requesting && m.server && *m.server != server_) return false;
  if (!m.yours.is_unicast() || !m.lease) return false;
  if (state_ != state::requesting && m.yours != lease_->address.address) return false;
  if (m.server) server_ = *m.server;

  const std::uint32_t mask = m.mask.value_or(ipv4_address{255, 255, 255, 0}).value;
  const int prefix = std::countl_one(mask);
  if (prefix < 32 && mask << prefix != 0) return false;  // no mask at all
  lease_terms terms{.address = {m.yours, static_cast<std::uint8_t>(prefix)},
                    .router = m.router,
                    .dns = {m.dns.all().begin(), m.dns.all().end()},
                    .routes = {m.routes.all().begin(), m.routes.all().end()},
                    .domain = std::string{m.domain},
                    .mtu = m.mtu.value_or(0)};
  if (m.routes.count > 0) terms.router.reset();  // RFC 3442

  // The lease counts from the request, not from the answer (RFC 2131 §4.4.5).
  const auto after = [&](std::uint32_t seconds) {
    return seconds == for_ever ? never : asked_ + std::chrono::seconds{seconds};
  };
  expires_at_ = std::max(after(*m.lease), now + least_lease);
  const auto share = [&](int eighths) {
    return expires_at_ == never ? never : asked_ + (expires_at_ - asked_) / 8 * eighths;
  };
  rebind_at_ = m.rebinding && after(*m.rebinding) < expires_at_ ? after(*m.rebinding) : share(7);
  renew_at_ =
      m.renewal && after(*m.renewal) < rebind_at_ ? after(*m.renewal) : std::min(share(4), rebind_at_);
  rebind_at_ = std::max(rebind_at_, now);
  renew_at_ = std::max(renew_at_, now);

  const bool changed = lease_ != terms;
  lease_ = std::move(terms);
  state_ = state::bound;
  deadline_ = renew_at_;
  return changed;
}

bool dhcp_client::lose(time_point now, duration pause) {
  const bool had = lease_.has_value();
  lease_.reset();
  began_ = now;
  tries_ = 0;
  if (pause > duration::zero()) {
    state_ = state::init;
    deadline_ = now + pause;
  } else {
    discover(now);
  }
  return had;
}

// Asks, and waits for half of what is left until `limit`, but a minute at least (RFC 2131 §4.4.5).
void dhcp_client::ask_again(time_point now, time_point limit) {
  asked_ = now;
  transmit(wire::dhcp::message::request, now);
  const time_point later = now + std::max((limit - now) / 2, least_renewal);
  deadline_ = std::min(later, limit);
}

bool dhcp_client::expired(time_point now) {
  if (now < deadline_) return false;
  switch (state_) {
    case state::init:
    case state::selecting: discover(now); return false;
    case state::requesting:
      if (tries_ >= request_tries) {
        tries_ = 0;
        discover(now);
        return false;
      }
      asked_ = now;
      transmit(wire::dhcp::message::request, now);
      deadline_ = now + backoff();
      return false;
    case state::bound:
      state_ = state::renewing;
      began_ = now;
      transaction_ = random_.next32();
      [[fallthrough]];
    case state::renewing:
      if (now < rebind_at_) {
        ask_again(now, rebind_at_);
        return false;
      }
      state_ = state::rebinding;
      [[fallthrough]];
    case state::rebinding:
      if (now < expires_at_) {
        ask_again(now, expires_at_);
        return false;
      }
      return lose(now, duration::zero());
  }
  return false;
}

bool dhcp_client::declined(time_point now) {
  if (!lease_) return false;
  offered_ = lease_->address.address;
  lose(now, decline_pause);
  transmit(wire::dhcp::message::decline, now);
  return true;
}

}  // namespace aster::net
