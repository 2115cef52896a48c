// What a program wrote where a host belongs: an address, a name that is known here, or one to ask for.
//
//   const auto h = read_host("db", settings);        // error::unknown_name: can be no host's name
//   h->addresses;                                    // not empty: no question is needed
//   h->questions;                                    // else: names, to be asked for in turn
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/byte_stream.hpp"
#include "aster/net/wire/dns.hpp"

namespace aster::net::names {

/// What is known without asking.
struct settings {
  struct entry {
    wire::dns_name name;
    ip_address address;
  };
  std::vector<entry> hosts;            // as in /etc/hosts; a name may occur more than once
  std::vector<wire::dns_name> search;  // where names of one label are looked for first
};

struct host {
  std::vector<ip_address> addresses;
  std::vector<wire::dns_name> questions;
};

/// Whether a name lies below "local": no server knows it, its owner on this link does (RFC 6762 §3).
bool is_local(const wire::dns_name& name);

/// Addresses may stand in brackets. "localhost" and names below it are this machine, "invalid" and "onion"
/// nobody, whoever is asked (RFC 6761 §6.3, §6.4, RFC 7686 §2). A name of one label is looked for in each
/// domain of `search` and then as it stands; a dot at the end says that it is whole.
std::expected<host, error> read_host(std::string_view text, const settings& known);

}  // namespace aster::net::names
