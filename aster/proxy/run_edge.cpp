#include "aster/proxy/run_edge.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aster/http/server.hpp"
#include "aster/net/stack.hpp"
#include "aster/proxy/edge_link.hpp"
#include "aster/proxy/edge_log.hpp"
#include "aster/task/scope.hpp"

namespace aster::proxy {
namespace {

constexpr std::uint16_t keeper_port = 7777;

std::optional<std::string_view> environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string_view{value};
}

int complain(std::string text) {
  text.insert(0, "edge: ").append("\n");
  std::fputs(text.c_str(), stderr);
  return 1;
}

/// What the environment says, read and checked.
struct settings {
  std::optional<std::string> token;
  std::optional<net::endpoint> keeper;
  std::optional<edge_table> table;
  log_form log = log_form::text;
};

std::expected<settings, std::string> read_settings() {
  settings read;
  if (const auto token = environment("ASTER_EDGE_TOKEN")) read.token = *token;
  if (const auto at = environment("ASTER_EDGE_KEEPER")) {
    read.keeper = parse_endpoint(*at);
    if (!read.keeper)
      return std::unexpected("ASTER_EDGE_KEEPER is an address with a port, like 10.77.0.1:7777");
  }
  if (const auto line = environment("ASTER_EDGE_TABLE")) {
    auto table = read_table_line(*line);
    if (!table) return std::unexpected("ASTER_EDGE_TABLE: " + table.error());
    read.table = std::move(*table);
  }
  if (const auto name = environment("ASTER_EDGE_LOG")) {
    const auto form = log_form_named(*name);
    if (!form) return std::unexpected("ASTER_EDGE_LOG is one of none, text and json");
    read.log = *form;
  }
  return read;
}

upstream::connect_function connector(net::stack& stack) {
  return [&stack](net::endpoint to) -> std::expected<std::unique_ptr<net::byte_stream>, net::error> {
    auto stream = stack.connect(to);
    if (!stream) return std::unexpected(stream.error());
    // An instance that vanishes or freezes says nothing: what it does not acknowledge goes to another, and a
    // WebSocket to nobody ends.
    stream->set_user_timeout(std::chrono::seconds{10});
    stream->set_keep_alive(std::chrono::seconds{30});
    return std::make_unique<net::stream>(std::move(*stream));
  };
}

}  // namespace

http::options edge_server_options() {
  http::options options;
  options.connections = 10'000;  // as far as memory allows
  options.drain = std::chrono::seconds{10};
  return options;
}

int run_edge(const net::device_reference& device, edge::site_function site, const edge_options& options,
             http::options server) {
  const auto said = read_settings();
  if (!said) return complain(said.error());
  net::stack stack{device};
  net::listener listener = stack.listen(80, {.backlog = 1024});
  const auto address = stack.wait_for_address();
  if (!address) return complain(std::string{"no address: "} + net::to_string(address.error()));

  edge_options mine = options;
  mine.remembers_services = said->log != log_form::none;
  if (!said->token) mine.first_table = {};  // nobody will send one
  edge front{connector(stack), mine, std::move(site)};
  if (said->table) front.set_table(*said->table);

  log_output log;
  if (said->log != log_form::none)
    server.access_log = [&](const http::access_record& r) {
      log.add(to_log_line(r, front.service_of(r), said->log));
    };

  std::optional<edge_link> link;
  task::scope fibers{"edge"};
  if (said->token) {
    const auto gateway = stack.gateway();
    if (!said->keeper && !gateway)
      return complain("no gateway, and no ASTER_EDGE_KEEPER that says who keeps the table");
    link.emplace(front, connector(stack),
                 said->keeper.value_or(net::endpoint{gateway.value_or(net::ipv4_address{}), keeper_port}),
                 *said->token);
    fibers.spawn("edge link", [&] { link->run(); });
  }
  log.add("serving on " + net::to_string(address->address) + " port 80");
  http::serve(std::move(listener), front, server);
  fibers.cancel();
  return 0;
}

}  // namespace aster::proxy
