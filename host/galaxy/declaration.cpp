#include "host/galaxy/declaration.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <ranges>
#include <set>

#include "host/galaxy/section.hpp"
#include "host/run/attachment.hpp"
#include "host/words/suggestion.hpp"

namespace aster::host::galaxy {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t complaint_limit = 100;
constexpr std::size_t service_limit = 1000;
constexpr std::size_t route_limit = 1000;

/// A label of the DNS (RFC 1123 §2.1), in lower case: a letter first, so that it is never taken for an
/// address.
bool is_label(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 40 && text.front() >= 'a' && text.front() <= 'z' &&
         text.back() != '-' && std::ranges::all_of(text, fits);
}

bool is_variable(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 100 && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// A path as requests have it: printable, without what could mean two things.
bool is_path(std::string_view text) {
  const auto fits = [](char c) {
    return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '%' && c != '\\';
  };
  return text.starts_with('/') && text.size() <= 200 && std::ranges::all_of(text, fits) &&
         !text.contains("//") && !text.contains("/../") && !text.ends_with("/..") && !text.contains("/./") &&
         !text.ends_with("/.");
}

bool is_host(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, fits) && !text.starts_with('.') &&
         !text.ends_with('.') && !text.contains("..");
}

constexpr std::string_view name_rule =
    "a name is made of a–z, 0–9 and -, begins with a letter, and has at most 40";

void read_health(section& s, health_check& health) {
  const toml::table* const table = s.inner("health");
  if (table == nullptr) return;
  section h{*table, s.name() + ".health", s.complaints()};
  const auto path = h.text("http");
  const auto tcp = h.truth("tcp");
  if (path && tcp) h.complain("tcp", "is beside `http`; an instance is asked in one way");
  if (path) {
    health.by = health_check::kind::http;
    health.path = *path;
    if (!is_path(*path))
      h.complain("http", "is no path; it begins with / and is written as requests have it");
  } else if (tcp) {
    health.by = *tcp ? health_check::kind::tcp : health_check::kind::started;
  }
  health.every = h.duration("every", 100ms).value_or(health.every);
  health.timeout = h.duration("timeout", 10ms).value_or(health.timeout);
  health.failures = static_cast<unsigned>(h.whole("failures", 1, 1000).value_or(health.failures));
  h.finish();
}

void read_restart(section& s, restart_policy& restart) {
  const toml::table* const table = s.inner("restart");
  if (table == nullptr) return;
  section r{*table, s.name() + ".restart", s.complaints()};
  static constexpr std::array<std::string_view, 3> conditions{"always", "on-failure", "never"};
  if (const auto when = r.choice("when", conditions))
    restart.when = static_cast<restart_policy::condition>(*when);
  restart.first = r.duration("backoff", 10ms).value_or(restart.first);
  restart.most = r.duration("most", 10ms).value_or(std::max(restart.most, restart.first));
  if (restart.most < restart.first)
    r.complain("most", "is shorter than `backoff`, with which waiting begins");
  r.finish();
}

void read_replicas(section& s, service& out) {
  const toml::table* const table = s.inner("replicas");
  if (table == nullptr) return;
  section r{*table, s.name() + ".replicas", s.complaints()};
  out.fewest = static_cast<unsigned>(r.whole("min", 0, 1000).value_or(out.fewest));
  out.most = static_cast<unsigned>(r.whole("max", 1, 1000).value_or(std::max(out.fewest, 1u)));
  if (out.most < out.fewest) r.complain("max", std::format("is {}, and `min` is {}", out.most, out.fewest));
  r.finish();
}

void read_variables(section& s, service& out) {
  std::set<std::string, std::less<>> seen;
  const auto take = [&](std::string_view key, std::string_view name) {
    if (!is_variable(name))
      s.complain(key, std::format("`{}` is no variable's name; it is made of letters, digits and _", name));
    else if (!seen.emplace(name).second)
      s.complain(key, std::format("`{}` is set twice", name));
    else
      return true;
    return false;
  };
  for (auto& [name, value] : s.pairs("environment"))
    if (take("environment", name)) out.environment.push_back(name + "=" + value);
  for (auto& [name, file] : s.pairs("secrets")) {
    if (!take("secrets", name)) continue;
    if (file.empty()) s.complain("secrets", std::format("`{}` names no file", name));
    out.secrets.push_back({name, file});
  }
}

/// `devices = { lan = "tap:tap0" }`: more than the galaxy's own network, which is the device `service`.
void read_devices(section& s, service& out) {
  for (const auto& [device, what] : s.pairs("devices")) {
    const auto attached = parse_attachment(device + "=" + what);
    if (!attached)
      s.complain("devices", attached.error());
    else if (device == "service")
      s.complain("devices", "attaches `service`, which is on the galaxy's network");
    else if (!attached->plug.empty())
      s.complain("devices", std::format("attaches `{}` to a switch; write \"tap:NAME\" or \"user\"", device));
    else
      out.devices.push_back(device + "=" + what);
  }
}

service read_service(const std::string& name, const toml::table& table, std::vector<complaint>& complaints) {
  section s{table, "service." + name, complaints};
  service out;
  out.name = name;
  out.image = s.text("image").value_or("");
  out.source = s.text("source").value_or("");
  if (out.image.empty() == out.source.empty())
    s.complain(out.image.empty() ? "" : "source",
               out.image.empty() ? "has neither `image` (a file) nor `source` (a project's folder)"
                                 : "is beside `image`; one of the two says what runs");
  if (const auto on = s.text("on")) {
    if (const auto target = parse_run_target(*on))
      out.target = *target;
    else
      s.complain("on", target.error());
  }
  out.memory = s.memory("memory").value_or(out.memory);
  out.processor_share = s.share("cpu", 256);
  out.port = static_cast<std::uint16_t>(s.whole("port", 1, 65535).value_or(out.port));
  out.arguments = s.texts("arguments");
  read_variables(s, out);
  read_devices(s, out);
  read_replicas(s, out);
  out.concurrency = static_cast<unsigned>(s.whole("concurrency", 1, 100'000).value_or(out.concurrency));
  out.idle = s.duration("idle", 100ms).value_or(out.idle);
  read_health(s, out.health);
  read_restart(s, out.restart);
  out.needs = s.texts("needs");
  out.reaches = s.texts("reaches");
  out.reaches_world = std::erase(out.reaches, "world") != 0;
  s.finish();
  return out;
}

void read_edge(const toml::table& table, edge& out, std::vector<complaint>& complaints) {
  section s{table, "edge", complaints};
  if (const auto listen = s.text("listen")) {
    const auto colon = listen->rfind(':');
    const std::string host = listen->substr(0, colon == std::string::npos ? 0 : colon);
    const std::string_view port =
        std::string_view{*listen}.substr(colon == std::string::npos ? 0 : colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    in_addr address{};
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535 ||
        (colon != std::string::npos && inet_pton(AF_INET, host.c_str(), &address) != 1)) {
      s.complain("listen", "is no address to listen on; write it as \"127.0.0.1:8080\" or \"8080\"");
    } else {
      if (colon != std::string::npos) out.address = host;
      out.port = static_cast<std::uint16_t>(number);
    }
  }
  out.source = s.text("source").value_or("");
  out.memory = s.memory("memory").value_or(out.memory);
  s.finish();
}

route read_route(const toml::table& table, std::size_t number, std::vector<complaint>& complaints) {
  section s{table, std::format("route {}", number), complaints};
  route out;
  if (const auto host = s.text("host")) {
    out.host = *host;
    std::ranges::transform(out.host, out.host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    if (!is_host(out.host)) s.complain("host", "is no host's name; it has neither port nor wildcard");
  }
  if (const auto path = s.text("path")) {
    if (!is_path(*path))
      s.complain("path", "is no path; it begins with / and is written as requests have it");
    out.path = *path;
    if (out.path.size() > 1 && out.path.ends_with('/')) out.path.pop_back();
  }
  if (const auto to = s.text("service"))
    out.service = *to;
  else if (!s.has("service"))
    s.complain("", "leads to no `service`");
  out.strip = s.truth("strip").value_or(false);
  s.finish();
  return out;
}

/// Complains of each name that is no service's, or the service's own.
void check_names(const std::vector<std::string>& names, std::string_view key, section& s,
                 std::vector<std::string> known, std::string_view self) {
  std::erase(known, self);
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name == self) {
      s.complain(key, "names the service itself");
    } else if (!std::ranges::contains(known, name)) {
      const auto near = suggestion(name, known);
      s.complain(key, near ? std::format("no service `{}`; did you mean `{}`?", name, *near)
                           : std::format("no service `{}` in this file", name));
    } else if (!seen.insert(name).second) {
      s.complain(key, std::format("names `{}` twice", name));
    }
  }
}

/// Puts each service behind those it needs, and keeps the file's order otherwise. Returns the names of a
/// circle when there is one.
std::vector<std::string> order_by_needs(std::vector<service>& services) {
  std::vector<service> ordered;
  const auto placed = [&](const std::string& name) {
    return std::ranges::contains(ordered, name, &service::name);
  };
  while (!services.empty()) {
    const auto next = std::ranges::find_if(
        services, [&](const service& s) { return std::ranges::all_of(s.needs, placed); });
    if (next == services.end()) {
      // Each that is left needs another that is left: walking along these leads into the circle.
      std::vector<std::string> walk{services.front().name};
      for (;;) {
        const auto& here = *std::ranges::find(services, walk.back(), &service::name);
        const auto& to = *std::ranges::find_if_not(here.needs, placed);
        const auto met = std::ranges::find(walk, to);
        if (met != walk.end()) {
          std::vector<std::string> circle(met, walk.end());
          circle.push_back(to);
          return circle;
        }
        walk.push_back(to);
      }
    }
    ordered.push_back(std::move(*next));
    services.erase(next);
  }
  services = std::move(ordered);
  return {};
}

void read_services(section& file, declaration& out, std::vector<complaint>& complaints) {
  const toml::table* const tables = file.inner("service");
  if (tables == nullptr) {
    if (!file.has("service")) file.complain("", "there is no service; begin one with [service.NAME]");
    return;
  }
  // A table has its keys in alphabetical order; people think in that of the file.
  std::vector<std::pair<toml::source_position, std::string>> names;
  for (const auto& [key, node] : *tables) names.emplace_back(key.source().begin, key.str());
  std::ranges::sort(names, [](const auto& a, const auto& b) { return a.first < b.first; });
  section all{*tables, "service", complaints};
  if (names.empty()) file.complain("service", "has no service in it; begin one with [service.NAME]");
  if (names.size() > service_limit) {
    file.complain("service", std::format("has {} services; the most is {}", names.size(), service_limit));
    return;
  }
  for (const auto& [at, name] : names) {
    if (!is_label(name) || name == "world" || name == "edge") {
      all.complain(name, is_label(name) ? "is a name that has a meaning of its own" : name_rule);
      continue;
    }
    if (const toml::table* const table = all.inner(name))
      out.services.push_back(read_service(name, *table, complaints));
  }
  const auto known =
      out.services | std::views::transform(&service::name) | std::ranges::to<std::vector<std::string>>();
  bool all_known = true;
  for (const service& s : out.services) {
    section at{*tables->get_as<toml::table>(s.name), "service." + s.name, complaints};
    const std::size_t before = complaints.size();
    check_names(s.needs, "needs", at, known, s.name);
    all_known = all_known && complaints.size() == before;
    check_names(s.reaches, "reaches", at, known, s.name);
  }
  if (!all_known) return;
  if (const auto circle = order_by_needs(out.services); !circle.empty()) {
    std::string path;
    for (const std::string& name : circle) path += (path.empty() ? "" : " needs ") + name;
    section{*tables->get_as<toml::table>(circle.front()), "service." + circle.front(), complaints}.complain(
        "needs", "leads in a circle: " + path);
  }
}

/// `[network.NAME] services = […]`: each of them may open connections to each other.
void read_networks(section& file, declaration& out, std::vector<complaint>& complaints) {
  const toml::table* const tables = file.inner("network");
  if (tables == nullptr) return;
  section all{*tables, "network", complaints};
  const auto known =
      out.services | std::views::transform(&service::name) | std::ranges::to<std::vector<std::string>>();
  for (const auto& [key, node] : *tables) {
    const std::string name{key.str()};
    const toml::table* const table = all.inner(name);
    if (table == nullptr) continue;
    section network{*table, "network." + name, complaints};
    const std::vector<std::string> members = network.texts("services");
    check_names(members, "services", network, known, "");
    if (members.size() < 2)
      network.complain("services", "names fewer than two services, which connects nobody");
    network.finish();
    for (service& s : out.services) {
      if (!std::ranges::contains(members, s.name)) continue;
      for (const std::string& other : members)
        if (other != s.name && !std::ranges::contains(s.reaches, other)) s.reaches.push_back(other);
    }
  }
}

void read_routes(section& file, declaration& out, std::vector<complaint>& complaints) {
  const auto tables = file.list("route");
  if (tables.size() > route_limit) {
    file.complain("route", std::format("has {} routes; the most is {}", tables.size(), route_limit));
    return;
  }
  const auto known =
      out.services | std::views::transform(&service::name) | std::ranges::to<std::vector<std::string>>();
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    route r = read_route(*tables[i], i + 1, complaints);
    section at{*tables[i], std::format("route {}", i + 1), complaints};
    if (!r.service.empty()) check_names({r.service}, "service", at, known, "");
    if (!seen.emplace(r.host, r.path).second) at.complain("path", "another route has the same host and path");
    out.routes.push_back(std::move(r));
  }
  std::ranges::stable_sort(out.routes, [](const route& a, const route& b) {
    return std::tuple{a.host.empty(), b.path.size()} < std::tuple{b.host.empty(), a.path.size()};
  });
}

}  // namespace

std::string to_string(const complaint& c, std::string_view file) {
  std::string out{file};
  if (c.line != 0) out += std::format(":{}:{}", c.line, c.column);
  out += ": ";
  for (const char letter : c.text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f)
      out += std::format("\\x{:02x}", byte);
    else
      out += letter;
  }
  return out;
}

std::expected<declaration, std::vector<complaint>> read_declaration(std::string_view text,
                                                                    std::string_view folder_name) {
  std::vector<complaint> complaints;
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(std::vector{complaint{error.source().begin.line, error.source().begin.column,
                                                 "no TOML: " + std::string{error.description()}}});
  }
  const toml::table& table = parsed.table();
  section file{table, "", complaints};
  declaration out;
  out.name = file.text("name").value_or(is_label(folder_name) ? std::string{folder_name} : "galaxy");
  if (!is_label(out.name)) file.complain("name", name_rule);
  if (const toml::table* const front = file.inner("edge")) read_edge(*front, out.front, complaints);
  read_services(file, out, complaints);
  read_networks(file, out, complaints);
  read_routes(file, out, complaints);
  if (file.has("volume") || file.has("volumes"))
    file.complain(
        file.has("volume") ? "volume" : "volumes",
        "is not possible: an image has no disk; keep data in a service outside, by `reaches = [\"world\"]`");
  file.finish();
  if (complaints.empty()) return out;
  std::ranges::stable_sort(complaints, {}, [](const complaint& c) { return std::pair{c.line, c.column}; });
  if (complaints.size() > complaint_limit) complaints.resize(complaint_limit);
  return std::unexpected(std::move(complaints));
}

}  // namespace aster::host::galaxy
