#include "aster/proxy/edge_message.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "aster/json.hpp"

namespace aster::proxy {
namespace {

/// As they stand on the wire: an object with one member that says of which kind the line is.
struct table_line {
  edge_table galaxy;
};
struct any_edge_line {
  std::optional<std::string> hello, token;
  std::optional<std::vector<service_load>> demand;
};

template <class T>
std::string with_line_feed(const T& says) {
  std::string line = json::write(says);
  line += '\n';
  return line;
}

template <class T>
std::expected<T, std::string> read(std::string_view line) {
  if (line.size() > most_line_size) return std::unexpected("the line is too long");
  auto said = json::read<T>(line, {.depth = 8});
  if (!said) return std::unexpected(said.error().text());
  return std::move(*said);
}

bool is_name(std::string_view text) { return !text.empty() && text.size() <= most_name_size; }

std::optional<std::string> wrong_with(const edge_demand& says) {
  if (says.demand.size() > most_services) return "too many services";
  std::size_t instances = 0;
  for (const service_load& s : says.demand) {
    if (!is_name(s.service)) return "a service has no name, or one that is too long";
    instances += s.instances.size();
    if (!std::ranges::all_of(s.instances, [](const auto& i) { return parse_endpoint(i.at).has_value(); }))
      return "an instance is at no address";
  }
  if (instances > most_instances) return "too many instances";
  return std::nullopt;
}

std::optional<std::string> wrong_with(const edge_table& says) {
  if (says.routes.size() > most_routes) return "too many routes";
  if (says.services.size() > most_services) return "too many services";
  std::set<std::string_view> names;
  std::size_t instances = 0;
  for (const edge_service& s : says.services) {
    if (!is_name(s.name)) return "a service has no name, or one that is too long";
    if (!names.insert(s.name).second) return "two services have one name";
    if (s.concurrency == 0) return "a service has a concurrency of 0";
    instances += s.instances.size();
    if (!std::ranges::all_of(s.instances, [](const auto& i) { return parse_endpoint(i).has_value(); }))
      return "an instance is at no address";
  }
  if (instances > most_instances) return "too many instances";
  for (const edge_route& r : says.routes) {
    if (!r.path.starts_with('/') || r.path.size() > most_path_size) return "a route's path is none";
    if (r.host.size() > 255) return "a route's host is too long";
    if (!names.contains(r.service)) return "a route leads to a service that is not there";
  }
  return std::nullopt;
}

}  // namespace

std::string to_line(const edge_hello& says) { return with_line_feed(says); }
std::string to_line(const edge_demand& says) { return with_line_feed(says); }
std::string to_line(const edge_table& says) { return with_line_feed(table_line{says}); }

std::expected<edge_line, std::string> read_edge_line(std::string_view line) {
  auto said = read<any_edge_line>(line);
  if (!said) return std::unexpected(std::move(said.error()));
  if (said->hello) {
    if (*said->hello != "edge" || !said->token) return std::unexpected("this is no edge that says hello");
    return edge_hello{std::move(*said->hello), std::move(*said->token)};
  }
  if (!said->demand) return std::unexpected("the line says neither hello nor demand");
  edge_demand demand{std::move(*said->demand)};
  if (auto wrong = wrong_with(demand)) return std::unexpected(std::move(*wrong));
  return demand;
}

std::expected<edge_table, std::string> read_table_line(std::string_view line) {
  auto said = read<table_line>(line);
  if (!said) return std::unexpected(std::move(said.error()));
  if (auto wrong = wrong_with(said->galaxy)) return std::unexpected(std::move(*wrong));
  return std::move(said->galaxy);
}

std::optional<net::endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  const auto address = net::ip_address::parse(host);
  if (!address || address->is_v6() != in_brackets) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return net::endpoint{*address, port};
}

}  // namespace aster::proxy
