#include "aster/net/autoconfiguration.hpp"

#include <algorithm>
#include <bit>

namespace aster::net {

namespace {

constexpr ipv6_address link_prefix{0xfe80, 0, 0, 0, 0, 0, 0, 0};

time_point after_seconds(std::uint32_t seconds, time_point now) {
  if (seconds == wire::router_advertisement::for_ever) return never;
  return now + std::chrono::seconds{seconds};
}

// Identifiers that stand for something else (RFC 5453): any router of the subnet, and reserved anycast.
bool is_reserved(std::uint64_t identifier) {
  return identifier == 0 || (identifier >> 7) == 0xfdffffffffffff80 >> 7;
}

// RFC 6724 §3.1: how far an address reaches.
unsigned scope(const ipv6_address& a) {
  if (a.is_multicast()) return a.bytes[1] & 15u;
  return a.is_link_local() || a.is_loopback() ? 2 : 14;
}

}  // namespace

autoconfiguration::autoconfiguration(mac_address mac, const autoconfiguration_options& options,
                                     counters& counts, random_source& random)
    : mac_(mac), options_(options), counts_(counts), random_(random) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : mac.bytes) number = number << 8 | byte;
  secret_ = options.secret.value_or(siphash_key{number, 0x8a5cd789635d2dff});
}

void autoconfiguration::start(time_point now) {
  add(made_of(link_prefix, 0), 64, now);
  if (options_.address) {
    if (held* h = add(options_.address->address, options_.address->prefix, now)) h->is_fixed = true;
    networks_.push_back(
        {options_.address->address.prefix(options_.address->prefix), options_.address->prefix});
  }
  if (options_.gateway) {
    routers_.push_back({*options_.gateway});
  } else {
    solicit_at_ = now;
  }
  if (options_.dns) servers_.push_back({*options_.dns});
}

// RFC 7217 §5.
ipv6_address autoconfiguration::made_of(const ipv6_address& prefix, std::uint8_t tries) const {
  std::uint64_t network = 0, number = 0;
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | prefix.bytes[i];
  for (const std::uint8_t byte : mac_.bytes) number = number << 8 | byte;
  std::uint64_t identifier = 0;
  for (std::uint64_t count = tries; is_reserved(identifier); count += 256)
    identifier = siphash<3>(secret_, {network, number, count});
  ipv6_address made = prefix.prefix(64);
  for (std::size_t i = 16; i-- > 8; identifier >>= 8) made.bytes[i] = static_cast<std::uint8_t>(identifier);
  return made;
}

autoconfiguration::held* autoconfiguration::add(const ipv6_address& address, std::uint8_t prefix,
                                                time_point now) {
  if (addresses_.size() >= address_limit) {
    counts_.add(counter::ndp_limit);
    return nullptr;
  }
  held& h = addresses_.emplace_back();
  h.address = address;
  h.prefix = prefix;
  h.probe_at = now;
  h.nonce = random_.next() >> 16;
  return &h;
}

// --- What is to be sent -----------------------------------------------------------------------------------

std::optional<autoconfiguration::message> autoconfiguration::next(time_point now) {
  expire(now);
  for (held& h : addresses_) {
    if (!h.is_tentative || h.probe_at > now) continue;
    if (h.asked) {
      h.is_tentative = false;  // nobody has objected
      ++changes_;
      continue;
    }
    h.asked = true;
    h.probe_at = now + probe_wait;
    return message{h.address, h.nonce};
  }
  if (solicit_at_ > now) return std::nullopt;
  ++solicited_;
  ++changes_;
  solicit_at_ = solicited_ < solicitations ? now + solicitation_wait : never;
  return message{};
}

time_point autoconfiguration::deadline() const {
  time_point first = solicit_at_;
  for (const held& h : addresses_)
    first = std::min({first, h.is_tentative ? h.probe_at : never, h.valid_until});
  for (const network& n : networks_) first = std::min(first, n.until);
  for (const gateway& g : routers_) first = std::min(first, g.until);
  for (const server& s : servers_) first = std::min(first, s.until);
  for (const domain& d : domains_) first = std::min(first, d.until);
  return first;
}

void autoconfiguration::expire(time_point now) {
  std::erase_if(addresses_, [&](const held& h) { return h.valid_until <= now; });
  std::erase_if(networks_, [&](const network& n) { return n.until <= now; });
  std::erase_if(routers_, [&](const gateway& g) { return g.until <= now; });
  std::erase_if(servers_, [&](const server& s) { return s.until <= now; });
  std::erase_if(domains_, [&](const domain& d) { return d.until <= now; });
}

// --- What routers say (RFC 4861 §6.3.4) -------------------------------------------------------------------

void autoconfiguration::router_said(const wire::router_advertisement& r, const ipv6_address& from,
                                    std::uint16_t link_mtu, time_point now) {
  if (options_.gateway) return;  // it was said who is the router
  solicit_at_ = never;
  ++changes_;
  const auto known = std::ranges::find(routers_, from, &gateway::address);
  if (r.lifetime == 0) {
    if (known != routers_.end()) routers_.erase(known);
  } else if (known != routers_.end()) {
    *known = {from, r.preference, false, now + std::chrono::seconds{r.lifetime}};
  } else if (routers_.size() < router_limit) {
    routers_.push_back({from, r.preference, false, now + std::chrono::seconds{r.lifetime}});
  } else {
    counts_.add(counter::ndp_limit);
  }
  if (r.hop_limit != 0) hop_limit_ = r.hop_limit;
  if (r.mtu >= 1280 && r.mtu <= link_mtu) mtu_ = static_cast<std::uint16_t>(r.mtu);
  for (std::size_t i = 0; i < r.prefix_count; ++i) prefix_said(r.prefixes[i], now);
  for (std::size_t i = 0; i < r.server_count; ++i) {
    const ipv6_address& address = r.servers[i];
    if (!address.is_unicast()) continue;
    const time_point until = after_seconds(r.server_lifetime, now);
    const auto it = std::ranges::find(servers_, address, &server::address);
    if (it != servers_.end()) {
      it->until = until;
    } else if (servers_.size() < server_limit && r.server_lifetime != 0) {
      servers_.push_back({address, until});
    }
  }
  for (std::size_t i = 0; i < r.domain_count; ++i) {
    const time_point until = after_seconds(r.domain_lifetime, now);
    const auto it = std::ranges::find(domains_, r.domains[i], &domain::name);
    if (it != domains_.end()) {
      it->until = until;
    } else if (domains_.size() < domain_limit && r.domain_lifetime != 0) {
      domains_.push_back({r.domains[i], until});
    }
  }
  expire(now);
}

void autoconfiguration::prefix_said(const wire::router_advertisement::prefix& p, time_point now) {
  if (p.network.is_link_local() || p.network.is_multicast() || p.network.is_v4_mapped()) return;
  if (p.on_link) {
    const auto known = std::ranges::find_if(
        networks_, [&](const network& n) { return n.prefix == p.network && n.length == p.length; });
    if (known != networks_.end()) {
      if (known->until != never || !options_.address) known->until = after_seconds(p.valid, now);
    } else if (p.valid != 0 && networks_.size() < prefix_limit) {
      networks_.push_back({p.network, p.length, after_seconds(p.valid, now)});
    } else if (p.valid != 0) {
      counts_.add(counter::ndp_limit);
    }
  }
  // RFC 4862 §5.5.3.
  if (!p.autonomous || p.length != 64 || p.preferred > p.valid || options_.address) return;
  const auto known = std::ranges::find_if(
      addresses_, [&](const held& h) { return !h.is_fixed && h.address.prefix(64) == p.network; });
  const time_point valid = after_seconds(p.valid, now);
  if (known == addresses_.end()) {
    if (p.valid == 0) return;
    held* h = add(made_of(p.network, 0), 64, now);
    if (h == nullptr) return;
    h->valid_until = valid;
    h->preferred_until = after_seconds(p.preferred, now);
    return;
  }
  known->preferred_until = after_seconds(p.preferred, now);
  // One forged advertisement must not take an address away at once.
  if (valid > now + two_hours || valid > known->valid_until) {
    known->valid_until = valid;
  } else if (known->valid_until > now + two_hours) {
    known->valid_until = now + two_hours;
  }
}

void autoconfiguration::router_left(const ipv6_address& router) {
  if (options_.gateway) return;
  std::erase_if(routers_, [&](const gateway& g) { return g.address == router; });
}

void autoconfiguration::router_silent(const ipv6_address& router) {
  for (gateway& g : routers_)
    if (g.address == router) g.is_silent = true;
  // All are: each gets its chance again (RFC 4861 §6.3.6).
  if (std::ranges::all_of(routers_, &gateway::is_silent))
    for (gateway& g : routers_) g.is_silent = g.address == router && routers_.size() > 1;
}

// --- Duplicates (RFC 4862 §5.4) ---------------------------------------------------------------------------

bool autoconfiguration::conflict(const ipv6_address& address, std::optional<std::uint64_t> nonce,
                                 time_point now) {
  const auto it = std::ranges::find(addresses_, address, &held::address);
  if (it == addresses_.end() || !it->is_tentative) return false;
  if (nonce && *nonce == it->nonce) return false;  // our own question came round (RFC 7527)
  counts_.add(counter::ndp_conflict);
  const held lost = *it;
  addresses_.erase(it);
  if (lost.is_fixed || lost.tries + 1 >= identifier_tries) return true;
  const std::uint8_t tries = static_cast<std::uint8_t>(lost.tries + 1);
  if (held* h = add(made_of(lost.address, tries), lost.prefix, now)) {
    h->tries = tries;
    h->valid_until = lost.valid_until;
    h->preferred_until = lost.preferred_until;
  }
  return true;
}

// --- Questions --------------------------------------------------------------------------------------------

const autoconfiguration::held* autoconfiguration::find(const ipv6_address& address) const {
  const auto it = std::ranges::find(addresses_, address, &held::address);
  return it == addresses_.end() ? nullptr : &*it;
}

bool autoconfiguration::owns(const ipv6_address& address) const {
  const held* h = find(address);
  return h != nullptr && is_usable(*h);
}

std::optional<ipv6_address> autoconfiguration::link_local() const {
  for (const held& h : addresses_)
    if (h.address.is_link_local() && is_usable(h)) return h.address;
  return std::nullopt;
}

std::optional<ipv6_interface> autoconfiguration::global(time_point now) const {
  const held* best = nullptr;
  for (const held& h : addresses_) {
    if (h.address.is_link_local() || !is_usable(h)) continue;
    if (best == nullptr || (best->preferred_until <= now && h.preferred_until > now)) best = &h;
  }
  return best != nullptr ? std::optional{ipv6_interface{best->address, best->prefix}} : std::nullopt;
}

std::optional<ipv6_address> autoconfiguration::source_for(const ipv6_address& destination,
                                                          time_point now) const {
  const held* best = nullptr;
  const auto is_better = [&](const held& a, const held& b) {
    if (a.address == destination || b.address == destination) return a.address == destination;
    const unsigned sa = scope(a.address), sb = scope(b.address), wanted = scope(destination);
    if (sa != sb) return sa < sb ? sa >= wanted : sb < wanted;
    const bool fresh_a = a.preferred_until > now, fresh_b = b.preferred_until > now;
    if (fresh_a != fresh_b) return fresh_a;
    return std::min(64u, a.address.common_prefix(destination)) >
           std::min(64u, b.address.common_prefix(destination));
  };
  for (const held& h : addresses_)
    if (is_usable(h) && (best == nullptr || is_better(h, *best))) best = &h;
  // What is of the link alone cannot be answered from beyond it.
  if (best == nullptr || scope(best->address) < std::min(scope(destination), 14u)) return std::nullopt;
  return best->address;
}

bool autoconfiguration::is_on_link(const ipv6_address& destination) const {
  return destination.is_link_local() || std::ranges::any_of(networks_, [&](const network& n) {
           return destination.common_prefix(n.prefix) >= n.length;
         });
}

std::optional<ipv6_address> autoconfiguration::next_hop(const ipv6_address& destination) const {
  if (is_on_link(destination)) return destination;
  return router();
}

std::optional<ipv6_address> autoconfiguration::router() const {
  const gateway* best = nullptr;
  for (const gateway& g : routers_)
    if (best == nullptr || (best->is_silent && !g.is_silent) ||
        (best->is_silent == g.is_silent && g.preference > best->preference))
      best = &g;
  return best != nullptr ? std::optional{best->address} : std::nullopt;
}

std::vector<ipv6_address> autoconfiguration::name_servers() const {
  std::vector<ipv6_address> list;
  for (const server& s : servers_) list.push_back(s.address);
  return list;
}

std::vector<std::string> autoconfiguration::search_domains() const {
  std::vector<std::string> list;
  for (const domain& d : domains_) list.push_back(d.name);
  return list;
}

}  // namespace aster::net
