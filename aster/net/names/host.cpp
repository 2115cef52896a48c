#include "aster/net/names/host.hpp"

namespace aster::net::names {

namespace {

bool lies_below(const wire::dns_name& name, std::string_view top) {
  return name.is_within(*wire::dns_name::with_label(top, {}));
}

}  // namespace

bool is_local(const wire::dns_name& name) { return name.label_count() > 1 && lies_below(name, "local"); }

std::expected<host, error> read_host(std::string_view text, const settings& known) {
  host h;
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  if (const auto address = ip_address::parse(bracketed ? text.substr(1, text.size() - 2) : text)) {
    h.addresses.push_back(*address);
    return h;
  }
  const auto name = wire::dns_name::parse(text);
  if (!name || name->is_root()) return std::unexpected{error::unknown_name};
  for (const auto& entry : known.hosts)
    if (entry.name == *name) h.addresses.push_back(entry.address);
  if (!h.addresses.empty()) return h;

  if (lies_below(*name, "localhost")) {
    h.addresses = {ipv4_address{127, 0, 0, 1}, ipv6_address{0, 0, 0, 0, 0, 0, 0, 1}};
    return h;
  }
  if (lies_below(*name, "invalid") || lies_below(*name, "onion")) return std::unexpected{error::unknown_name};
  if (name->label_count() == 1 && !text.ends_with('.'))
    for (const auto& domain : known.search)
      if (auto whole = name->below(domain)) h.questions.push_back(*std::move(whole));
  h.questions.push_back(*name);
  return h;
}

}  // namespace aster::net::names
