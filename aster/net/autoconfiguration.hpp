// How an interface comes by its IPv6 addresses and its ways out: one of the link from the beginning, one for
// each prefix that a router announces (SLAAC, RFC 4862), one that was given; and who the routers are (RFC
// 4861).
//
//   autoconfiguration c{mac, options, random};
//   c.start(now);
//   while (auto m = c.next(now)) …              // questions whether an address is free; to routers
//   c.router_said(advertisement, from, mtu, now);
//   c.next_hop(destination); c.source_for(destination);
//
// Interface identifiers are a hash of prefix, hardware address and a secret (RFC 7217): the same at each
// start and on no two networks, so that nobody can follow a host from one to another. The secret is made of
// the hardware address when none is given: an image has no place to keep one.
//
// An address is asked about before others are told of it for certain (duplicate address detection). Unless
// `probe_first`, it is used meanwhile, as RFC 4429 has it.
//
// Everything that strangers on the link can make it remember is limited. Sans-I/O.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/ndp.hpp"

namespace aster::net {

struct autoconfiguration_options {
  std::optional<ipv6_interface> address{};  // a fixed one: then none is made of prefixes
  std::optional<ipv6_address> gateway{};    // the only router then
  std::optional<ipv6_address> dns{};
  std::optional<siphash_key> secret{};
  bool probe_first = false;
};

class autoconfiguration {
 public:
  static constexpr std::size_t address_limit = 8, prefix_limit = 8, router_limit = 4, server_limit = 4,
                               domain_limit = 4;
  static constexpr duration probe_wait = std::chrono::seconds{1};         // RetransTimer, RFC 4861 §10
  static constexpr duration solicitation_wait = std::chrono::seconds{4};  // between questions to routers
  static constexpr unsigned solicitations = 3;
  static constexpr std::uint8_t identifier_tries = 3;           // RFC 7217 §7: IDGEN_RETRIES
  static constexpr duration two_hours = std::chrono::hours{2};  // RFC 4862 §5.5.3 e

  autoconfiguration(mac_address mac, const autoconfiguration_options& options, counters& counts,
                    random_source& random);

  struct held {
    ipv6_address address;
    std::uint8_t prefix = 64;
    time_point preferred_until = never;
    time_point valid_until = never;
    bool is_tentative = true;  // being asked about
    bool is_fixed = false;
    std::uint8_t tries = 0;  // identifiers that others had
    bool asked = false;
    time_point probe_at{};
    std::uint64_t nonce = 0;
  };

  void start(time_point now);

  /// To be sent: a question whether nobody has `target`, else a solicitation of routers.
  struct message {
    std::optional<ipv6_address> target;
    std::uint64_t nonce = 0;
  };
  std::optional<message> next(time_point now);
  time_point deadline() const;

  /// A checked advertisement. `link_mtu`: what the device takes.
  void router_said(const wire::router_advertisement& r, const ipv6_address& from, std::uint16_t link_mtu,
                   time_point now);
  /// It says that it is none any more, or does not answer: others come first.
  void router_left(const ipv6_address& router);
  void router_silent(const ipv6_address& router);

  /// Somebody else has the address, or asks for it too (`nonce`: of his question). True: it was ours and is
  /// no more.
  bool conflict(const ipv6_address& address, std::optional<std::uint64_t> nonce, time_point now);

  const std::vector<held>& addresses() const { return addresses_; }
  const held* find(const ipv6_address& address) const;
  /// Whether it may be used.
  bool owns(const ipv6_address& address) const;
  std::optional<ipv6_address> link_local() const;
  /// The best address that is not of the link alone, with its prefix; nothing: there is none.
  std::optional<ipv6_interface> global(time_point now) const;

  /// From which address to speak to `destination` (RFC 6724 §5, rules 1, 2, 3 and 8).
  std::optional<ipv6_address> source_for(const ipv6_address& destination, time_point now) const;
  bool is_on_link(const ipv6_address& destination) const;
  /// Whom to hand packets to: the destination itself, or a router.
  std::optional<ipv6_address> next_hop(const ipv6_address& destination) const;
  std::optional<ipv6_address> router() const;
  std::vector<ipv6_address> name_servers() const;
  std::vector<std::string> search_domains() const;
  /// Grows whenever something has changed that others may wait for.
  std::uint32_t changes() const { return changes_; }
  /// Whether a router may yet answer.
  bool is_looking_for_routers() const { return solicit_at_ != never; }
  std::uint16_t mtu() const { return mtu_; }  // 0: nobody said
  std::uint8_t hop_limit() const { return hop_limit_; }

 private:
  struct network {
    ipv6_address prefix;
    std::uint8_t length = 0;
    time_point until = never;
  };
  struct gateway {
    ipv6_address address;
    std::int8_t preference = 0;
    bool is_silent = false;
    time_point until = never;
  };
  struct server {
    ipv6_address address;
    time_point until = never;
  };

  struct domain {
    std::string name;
    time_point until = never;
  };

  ipv6_address made_of(const ipv6_address& prefix, std::uint8_t tries) const;
  held* add(const ipv6_address& address, std::uint8_t prefix, time_point now);
  void prefix_said(const wire::router_advertisement::prefix& p, time_point now);
  void expire(time_point now);
  bool is_usable(const held& h) const { return !h.is_tentative || !options_.probe_first; }

  mac_address mac_;
  autoconfiguration_options options_;
  siphash_key secret_;
  counters& counts_;
  random_source& random_;
  std::vector<held> addresses_;
  std::vector<network> networks_;
  std::vector<gateway> routers_;
  std::vector<server> servers_;
  std::vector<domain> domains_;
  std::uint16_t mtu_ = 0;
  std::uint8_t hop_limit_ = 64;
  std::uint32_t changes_ = 0;
  unsigned solicited_ = 0;
  time_point solicit_at_ = never;
};

}  // namespace aster::net
