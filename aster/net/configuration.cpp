#include "aster/net/configuration.hpp"

namespace aster::net {

std::expected<configuration, std::string> configuration::parse(std::string_view text) {
  configuration c;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const auto equals = item.find('=');
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : item.substr(equals + 1);
    bool understood = false;
    if (key == "ip") {
      c.address = ipv4_interface::parse(value);
      understood = c.address.has_value();
    } else if (key == "gateway") {
      c.gateway = ipv4_address::parse(value);
      understood = c.gateway.has_value();
    } else if (key == "dns") {
      c.dns = ipv4_address::parse(value);
      understood = c.dns.has_value();
    } else if (key == "ip6" && (value == "off" || value == "auto")) {
      c.ipv6 = value == "auto";
      c.address6.reset();
      understood = true;
    } else if (key == "ip6") {
      c.address6 = ipv6_interface::parse(value);
      understood = c.address6.has_value();
    } else if (key == "gateway6") {
      c.gateway6 = ipv6_address::parse(value);
      understood = c.gateway6.has_value();
    } else if (key == "dns6") {
      c.dns6 = ipv6_address::parse(value);
      understood = c.dns6.has_value();
    }
    if (!understood)
      return std::unexpected("`" + std::string{item} +
                             "` is not understood: ip=A.B.C.D/LEN, gateway=A.B.C.D and dns=A.B.C.D are, and "
                             "ip6=X::Y/LEN, ip6=auto, ip6=off, gateway6=X::Y and dns6=X::Y");
  }
  if (!c.address && c.gateway) return std::unexpected(std::string{"gateway= needs ip= beside it"});
  if (!c.address6 && c.gateway6) return std::unexpected(std::string{"gateway6= needs ip6= beside it"});
  if (auto wrong = c.fault()) return std::unexpected(*std::move(wrong));
  return c;
}

std::optional<std::string> configuration::fault() const {
  if (address6) {
    const ipv6_address& host = address6->address;
    if (!host.is_unicast() || address6->prefix == 0)
      return to_string(*address6) + " is not an address that a host can have";
    if (gateway6 && (!gateway6->is_unicast() || *gateway6 == host ||
                     (!gateway6->is_link_local() && !address6->contains(*gateway6))))
      return "gateway " + to_string(*gateway6) + " is not a neighbour of " + to_string(*address6);
  }
  if (!address) return std::nullopt;
  const ipv4_address host = address->address;
  if (!host.is_unicast()) return to_string(host) + " is not an address that a host can have";
  if (address->is_directed_broadcast(host))
    return to_string(*address) + " is the broadcast address of its network";
  if (address->prefix < 31 && (host.value & ~address->mask()) == 0)
    return to_string(*address) + " is the address of the network, not of a host in it";
  if (gateway && (!address->contains(*gateway) || *gateway == host))
    return "gateway " + to_string(*gateway) + " is not a neighbour of " + to_string(*address);
  return std::nullopt;
}

}  // namespace aster::net
