#include "host/galaxy/api/api.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <format>

#include "aster/web.hpp"
#include "host/galaxy/api/authorise.hpp"
#include "host/galaxy/api/following.hpp"
#include "host/galaxy/api/instance_counters.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/galaxy/api/metrics.hpp"
#include "host/galaxy/api/operation.hpp"
#include "host/galaxy/page/star_map.hpp"
#include "host/run/descriptor.hpp"
#include "site.hpp"

namespace aster::host::galaxy {
namespace {

constexpr std::uint32_t most_lines = 10'000;
constexpr std::uint32_t most_events = 10'000;
constexpr std::size_t most_typed = 64u << 10;  // bytes for a console at once: what a pipe holds

// ---- where ----

constexpr web::route<"/galaxy?{follow?}", bool> galaxy_route;
constexpr web::route<"/events?{after?}&{limit?}&{follow?}", std::uint64_t, std::uint32_t, bool> events_route;
constexpr web::route<"/logs?{service*}&{instance*}&{lines?}&{follow?}", std::string, std::string,
                     std::uint32_t, bool>
    logs_route;
constexpr web::route<"/services/{service}/restart", web::slug> restart_route;
constexpr web::route<"/services/{service}/scale", web::slug> scale_route;
constexpr web::route<"/services/{service}/deploy", web::slug> deploy_route;
constexpr web::route<"/services/{service}/rollback", web::slug> rollback_route;
constexpr web::route<"/services/{service}/deployments", web::slug> deployments_route;
constexpr web::route<"/instances/{instance}/stats", web::slug> stats_route;
constexpr web::route<"/instances/{instance}/console?{lines?}&{follow?}", web::slug, std::uint32_t, bool>
    read_console_route;
constexpr web::route<"/instances/{instance}/console", web::slug> write_console_route;
constexpr web::route<"/up"> up_route;
constexpr web::route<"/down"> down_route;
constexpr web::route<"/metrics"> metrics_route;
constexpr web::route<"/page"> page_route;
constexpr web::route<"/openapi.json"> openapi_route;
constexpr web::route<"/"> map_route;

// ---- what all handlers share ----

struct setting {
  galaxy& of;
  entrance by;
  std::string origin;
  std::string token;
  std::filesystem::path logs;
  uid_t user = geteuid();

  std::string page() const { return origin.empty() ? std::string{} : origin + "/"; }
  /// Cookies know no ports, and several galaxies may be on this address.
  std::string cookie() const { return "asterism-" + origin.substr(origin.rfind(':') + 1); }
};

template <class T>
using answer = std::expected<T, web::problem>;

web::problem problem_of(refusal r) {
  const auto status = [&] {
    switch (r.what) {
      case refusal::kind::unknown: return http::status::not_found;
      case refusal::kind::invalid: return http::status::unprocessable_content;
      case refusal::kind::conflict: return http::status::conflict;
      case refusal::kind::failed: return http::status::internal_server_error;
    }
    return http::status::internal_server_error;
  };
  return {.status = status(), .detail = std::move(r.text)};
}

std::unexpected<web::problem> refused(refusal r) { return std::unexpected(problem_of(std::move(r))); }

answer<http::status> accepted(outcome<> done) {
  if (!done) return refused(std::move(done.error()));
  return http::status::accepted;
}

answer<web::json<deployed_version>> accepted(outcome<unsigned> version) {
  if (!version) return refused(std::move(version.error()));
  return web::json{deployed_version{*version}, http::status::accepted};
}

answer<http::status> type_into(galaxy& of, std::string_view instance, std::string_view text) {
  const auto path = of.console_of(instance);
  if (!path) return refused(path.error());
  if (text.size() > most_typed)
    return std::unexpected(
        web::problem{.status = http::status::content_too_large,
                     .detail = std::format("a console takes {} bytes at once", most_typed)});
  // Without waiting: whoever does not read its console must not hold the galaxy up.
  const descriptor fifo(open(path->c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fifo)
    return refused({refusal::kind::conflict, errno == ENXIO
                                                 ? std::format("{} reads no console", instance)
                                                 : std::format("{}: {}", path->string(), strerror(errno))});
  const ssize_t written = write(fifo.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()))
    return refused(
        {refusal::kind::conflict, std::format("{} has not read yet what was typed before", instance)});
  return http::status::accepted;
}

answer<web::json<instance_counters>> counters_of(galaxy& of, std::string_view instance) {
  const galaxy_status now = of.status();
  for (const service_status& s : now.services)
    for (const instance_status& i : s.instances) {
      if (i.name != instance) continue;
      auto counters = ask_counters(now.name, i);
      if (!counters) return refused(std::move(counters.error()));
      return web::json{std::move(*counters)};
    }
  return refused({refusal::kind::unknown, std::format("there is no instance {}", instance)});
}

// ---- the routes ----

auto reading_routes() {
  using web::slug;
  return web::group(
      web::get(galaxy_route,
               operation<"What there is; with follow=1, again each time it has changed",
                         one_or_lines_of<galaxy_status>>(
                   [](const web::request& req, setting& at, std::optional<bool> follow) -> web::response {
                     if (follow.value_or(false)) return follow_status(req, at.of, at.page());
                     galaxy_status now = at.of.status();
                     now.page = at.page();
                     return to_response(web::json{std::move(now)});
                   })),
      web::get(events_route,
               operation<"What has happened behind event number `after`, oldest first", lines_of<event>>(
                   [](const web::request& req, setting& at, std::optional<std::uint64_t> after,
                      std::optional<std::uint32_t> limit, std::optional<bool> follow) -> web::response {
                     // What a page asks for when it connects again.
                     if (const auto last = req.header("last-event-id"))
                       if (const auto number = web::value<std::uint64_t>::parse(*last)) after = number;
                     return follow_events(req, at.of, after.value_or(0),
                                          std::min(limit.value_or(most_events), most_events),
                                          follow.value_or(false));
                   })),
      web::get(logs_route,
               operation<"What instances have written to their consoles, of some services or of all",
                         lines_of<log_line>>(
                   [](const web::request& req, setting& at, std::vector<std::string> services,
                      std::vector<std::string> instances, std::optional<std::uint32_t> lines,
                      std::optional<bool> follow) -> answer<web::response> {
                     const galaxy_status now = at.of.status();
                     for (const std::string& name : services)
                       if (!std::ranges::contains(now.services, name, &service_status::name))
                         return refused(
                             {refusal::kind::unknown, std::format("there is no service {}", name)});
                     return follow_logs(req, at.of,
                                        {.services = std::move(services),
                                         .instances = std::move(instances),
                                         .lines = std::min(lines.value_or(100), most_lines),
                                         .follow = follow.value_or(false)},
                                        at.logs);
                   })),
      web::get(deployments_route,
               operation<"Deployments of a service, the first one first">(
                   [](setting& at, const slug& service) -> answer<web::json<std::vector<deployment>>> {
                     auto all = at.of.deployments(service);
                     if (!all) return refused(std::move(all.error()));
                     return web::json{std::move(*all)};
                   })),
      web::get(stats_route, operation<"What an instance counts">([](setting& at, const slug& instance) {
                 return counters_of(at.of, instance);
               })),
      web::get(read_console_route,
               operation<"What an instance has written to its console, as it is", text_of<"text/plain">>(
                   [](setting& at, const slug& instance, std::optional<std::uint32_t> lines,
                      std::optional<bool> follow) -> answer<web::response> {
                     auto log = at.of.log_of(instance);
                     if (!log) return refused(std::move(log.error()));
                     return follow_console(std::move(*log), std::min(lines.value_or(100), most_lines),
                                           follow.value_or(false));
                   })),
      web::get(
          metrics_route,
          operation<"Everything that is counted, for Prometheus", text_of<"text/plain">>([](setting& at) {
            return web::response{http::status::ok, metrics_type, metrics(at.of.status())};
          })),
      web::get(page_route, operation<"The star map's address, with its token; told on the Unix socket only">(
                               [](setting& at) -> answer<web::json<page_address>> {
                                 if (at.by == entrance::page)
                                   return std::unexpected(
                                       web::problem{.status = http::status::forbidden,
                                                    .detail = "the token is told on the Unix socket only"});
                                 if (at.origin.empty())
                                   return refused({refusal::kind::unknown, "this galaxy has no page"});
                                 return web::json{page_address{at.origin + "/?token=" + at.token}};
                               })));
}

auto changing_routes() {
  using web::slug;
  return web::group(
      web::post(restart_route,
                operation<"Ends the instances one after the other and starts new ones">(
                    [](setting& at, const slug& service) { return accepted(at.of.restart(service)); })),
      web::post(scale_route,
                operation<"Keeps so many instances from now on; without a number, as many as requests need">(
                    [](setting& at, const slug& service, web::json<scaling, {.strict = true}> to) {
                      return accepted(at.of.scale(service, to->instances));
                    })),
      web::post(
          deploy_route,
          operation<"Replaces the instances by such of another image, and goes back when they are not well",
                    accepted_with<deployed_version>>(
              [](setting& at, const slug& service,
                 web::json<new_deployment, {.strict = true}> what) -> answer<web::json<deployed_version>> {
                if (!what->image.starts_with('/'))
                  return std::unexpected(web::problem{.status = http::status::unprocessable_content,
                                                      .detail = "image should be an absolute path",
                                                      .field = "image"});
                return accepted(at.of.deploy(service, what->image));
              })),
      web::post(rollback_route,
                operation<"Deploys the version that was live before", accepted_with<deployed_version>>(
                    [](setting& at, const slug& service) { return accepted(at.of.rollback(service)); })),
      web::post(write_console_route,
                operation<"Types the body into an instance's console">(
                    [](const web::request& req, setting& at, const slug& instance) -> answer<http::status> {
                      return type_into(at.of, instance, req.body());
                    })),
      web::post(up_route, operation<"Reads galaxy.toml again and does what has changed in it">(
                              [](setting& at) { return accepted(at.of.reload()); })),
      web::post(down_route, operation<"Ends everything, the daemon included">([](setting& at) {
                  at.of.take_down();
                  return http::status::accepted;
                })));
}

auto page_routes() {
  return web::group(web::get(map_route, [](setting& at) { return page::star_map(at.of.status()); }),
                    web::mount<"/look">(web::files(site::all)),
                    web::get(openapi_route, [] { return web::borrow(web::json_type, openapi()); }));
}

// ---- who may ----

std::string token_in(const web::request& req, const setting& at) {
  if (req.path() == "/")
    if (auto given = req.parameter("token")) return *given;
  constexpr std::string_view bearer = "Bearer ";  // for Prometheus
  if (const auto field = req.header("authorization"); field && field->starts_with(bearer))
    return std::string{field->substr(bearer.size())};
  return std::string{req.cookie(at.cookie()).value_or("")};
}

web::response let_in(const web::request& req, const setting& at, web::next behind) {
  if (at.by == entrance::socket) return behind();  // the peer was looked at when it connected
  const std::string token = token_in(req, at);
  const caller who{.user = {},
                   .token = token,
                   .host = req.host(),
                   .origin = req.header("origin").value_or(""),
                   .fetch_site = req.header("sec-fetch-site").value_or(""),
                   .changes = req.method() != http::method::get && req.method() != http::method::head};
  switch (authorise(who, {.user = at.user, .token = at.token, .origin = at.origin})) {
    case verdict::foreign:
      throw http::failure{http::status::forbidden, "this page is for its own address alone"};
    case verdict::unknown_caller:
      throw http::failure{http::status::unauthorized,
                          "open the address with the token that `aster up` and `aster ps` print"};
    case verdict::allowed: break;
  }
  if (req.path() != "/" || !req.parameter("token")) return behind();
  // Out of the address, which is seen and kept, and into a cookie.
  return web::see_other(map_route())
      .cookie({.name = at.cookie(), .value = token, .secure = false, .same_site = web::same_site::strict});
}

constexpr web::security_headers security{
    .content_security_policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    .fields =
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n"};

auto make_app(setting& at) {
  return web::app{web::application_options{.security = security, .development = false},
                  web::on_error([](const web::request& req, const web::error& e) {
                    return web::error_form_for(req) == web::error_form::page ? web::default_error_page(req, e)
                                                                             : web::error_problem(req, e);
                  }),
                  web::state(at),
                  web::wrap([](const web::request& req, setting& here, web::next behind) {
                    return let_in(req, here, behind);
                  }),
                  reading_routes(),
                  changing_routes(),
                  page_routes()};
}

template <class... Items>
std::unique_ptr<web::served<Items...>> served_of(web::app<Items...>& app) {
  return std::make_unique<web::served<Items...>>(app);
}

}  // namespace

const std::string& openapi() {
  static const std::string text = [] {
    std::vector<described_operation> all;
    schemas s;
    describe_routes<decltype(reading_routes())>(all, s);
    describe_routes<decltype(changing_routes())>(all, s);
    return openapi_document("Asterism galaxy", "1", all, s);
  }();
  return text;
}

struct api::parts {
  setting at;
  decltype(make_app(std::declval<setting&>())) app{make_app(at)};
  decltype(served_of(app)) handler{served_of(app)};
};

api::api(galaxy& of, entrance by, std::string origin, std::string token, std::filesystem::path logs)
    : parts_(new parts{.at = {of, by, std::move(origin), std::move(token), std::move(logs)}}) {}
api::~api() = default;

void api::operator()(const http::request& req, http::response& res) const { (*parts_->handler)(req, res); }

}  // namespace aster::host::galaxy
