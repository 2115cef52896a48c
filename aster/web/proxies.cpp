#include "aster/web/proxies.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "aster/http/grammar.hpp"

namespace aster::web {
namespace {

/// Calls `use(entry)` for the entries of a list field, which may go on in further lines (RFC 9110 §5.3).
template <class Use>
void each_entry(const request& req, std::string_view field, Use use) {
  for (const auto [name, value] : req.headers()) {
    if (!http::equals_ignoring_case(name, field)) continue;
    std::string_view rest = value;
    for (bool more = true; more;) {
      const std::size_t end = rest.find(',');
      use(http::trim(rest.substr(0, end)));
      more = end != rest.npos;
      if (more) rest.remove_prefix(end + 1);
    }
  }
}

}  // namespace

proxies proxies::of(std::string_view addresses) {
  proxies result;
  while (!addresses.empty()) {
    const std::size_t end = std::min(addresses.find_first_of(", "), addresses.size());
    const std::string_view each = addresses.substr(0, end);
    addresses.remove_prefix(std::min(end + 1, addresses.size()));
    if (each.empty()) continue;
    const auto network = net::ip_prefix::parse(each);
    if (!network) throw std::invalid_argument{"no address of a proxy: " + std::string{each.substr(0, 64)}};
    result.trusted_.push_back(*network);
  }
  return result;
}

bool proxies::trust(const net::ip_address& address) const {
  return std::ranges::any_of(trusted_,
                             [&](const net::ip_prefix& network) { return network.contains(address); });
}

net::ip_address proxies::client(const request& req) const {
  const net::ip_address peer = req.remote().address;
  if (!trust(peer)) return peer;
  std::vector<std::string_view> entries;
  each_entry(req, "x-forwarded-for", [&](std::string_view entry) { entries.push_back(entry); });
  net::ip_address nearest = peer;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto address = net::ip_address::parse(*entry);
    if (!address) break;
    nearest = *address;
    if (!trust(nearest)) break;
  }
  return nearest;
}

bool proxies::is_secure(const request& req) const {
  if (!trust(req.remote().address)) return false;
  std::string_view last;
  each_entry(req, "x-forwarded-proto", [&](std::string_view entry) { last = entry; });
  return http::equals_ignoring_case(last, "https");
}

}  // namespace aster::web
