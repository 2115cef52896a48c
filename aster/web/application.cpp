#include "aster/web/application.hpp"

#include <bit>
#include <cstdlib>
#include <exception>
#include <utility>

#include "abi/platform.hpp"
#include "aster/http/failure.hpp"
#include "aster/task/cancellation.hpp"
#include "aster/web/live.hpp"

namespace aster::web {
namespace {

constexpr std::string_view method_names[method_count] = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                         "CONNECT", "OPTIONS", "TRACE", "PATCH", ""};

constexpr unsigned bit(http::method m) { return 1u << static_cast<unsigned>(m); }

/// For the Allow field (RFC 9110 §10.2.1): what was found, and what is answered without a route of its own.
std::string allow_list(unsigned methods) {
  if (methods & bit(http::method::get)) methods |= bit(http::method::head);
  methods |= bit(http::method::options);
  std::string list;
  for (unsigned m = 0; m < method_count; ++m) {
    if (!(methods & 1u << m)) continue;
    if (!list.empty()) list += ", ";
    list += method_names[m];
  }
  return list;
}

void note(const request& req, std::string_view why) {
  std::string line{"web: "};
  line.append(req.method_text().substr(0, 16))
      .append(" ")
      .append(req.path().substr(0, 128))
      .append(": ")
      .append(why);
  abi::current_platform().note(line.data(), line.size());
}

/// What one search for a route needs and finds.
struct routing {
  std::span<const endpoint_entry> endpoints;
  http::method method;
  const endpoint_entry* found = nullptr;
  path_captures captures{};
  unsigned allowed = 0;

  bool run(const route_table_view& table, const path_segments& path) {
    return route_search::run(table, path, &take, this);
  }

 private:
  static bool take(void* context, const route_leaf& leaf, const path_captures& captures) {
    auto& self = *static_cast<routing*>(context);
    endpoint_index index = leaf.endpoint(self.method);
    if (index < 0 && self.method == http::method::head) index = leaf.endpoint(http::method::get);
    if (index >= 0 && self.accepts(index, captures)) {
      self.found = &self.endpoints[static_cast<std::size_t>(index)];
      self.captures = captures;
      return true;
    }
    for (unsigned m = 0; m < method_count; ++m)
      if (leaf.by_method[m] >= 0 && self.accepts(leaf.by_method[m], captures)) self.allowed |= 1u << m;
    return false;
  }

  bool accepts(endpoint_index index, const path_captures& c) const {
    const auto test = endpoints[static_cast<std::size_t>(index)].accepts;
    return test == nullptr || test({c.values.data(), c.size});
  }
};

}  // namespace

application::application(route_table_view routes, std::span<const endpoint_entry> endpoints,
                         const endpoint_entry& fallback, error_entry on_error,
                         const application_options& options)
    : routes_(routes), endpoints_(endpoints), fallback_(fallback), on_error_(on_error), options_(options) {
  if (!options_.development) {
    const char* const environment = std::getenv("ASTER_ENV");
    options_.development =
        is_live() || (environment != nullptr && std::string_view{environment} == "development");
  }
  if (*options_.development) begin_source_traces();
}

void application::operator()(const http::request& raw, http::response& to) const {
  request req{raw, options_};
  req.application_ = this;
  guarded(req, [&] { return route(req); }).send(req, to);
}

/// Makes a response of every exception but those that end the connection.
template <class Call>
response application::guarded(const request& req, Call call) const {
  error e;
  try {
    return call();
  } catch (const task::cancelled&) {
    throw;
  } catch (const http::disconnected&) {
    throw;
  } catch (const http::failure& f) {
    e.status = f.status();
    e.text = f.text();
  } catch (const std::exception& x) {
    e.detail = x.what();
  } catch (...) {
    e.detail = "an exception that is no std::exception";
  }
  if (!e.detail.empty()) {
    note(req, e.detail);
    if (options_.development.value_or(false)) e.trace = last_source_trace();
  }
  return explain(req, e);
}

response application::route(request& req) const {
  if (is_live() && req.path() == live_path) return live_changes();  // in front of a route for all files
  const path_segments path{req.path()};
  if (path.is_malformed())
    return explain(req, {http::status::bad_request, "the path is not well encoded", {}});
  routing search{endpoints_, req.method()};
  if (req.path().starts_with('/') && search.run(routes_, path)) {
    req.endpoint_ = search.found;
    req.captures_ = {search.captures.values.data(), search.captures.size};
  } else {
    req.endpoint_ = &fallback_;
    req.allowed_ = search.allowed;
  }
  return next{req, 0}();
}

/// The handler itself. Guarded here as well, so that the middlewares around it see a response in any case.
response application::call_endpoint(request& req) const {
  return guarded(req, [&] {
    const endpoint_entry& endpoint = *req.endpoint_;
    if (&endpoint == &fallback_ && (endpoint.run == nullptr || req.allowed_ != 0)) return without_route(req);
    return explained(req, endpoint.run(endpoint.object, req, req.captures_));
  });
}

response application::without_route(request& req) const {
  if (req.target() == "*")  // OPTIONS of the server as a whole (RFC 9110 §9.3.7)
    return response{http::status::no_content}.header("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
  if (req.allowed_ != 0) {
    if (req.method() == http::method::options)
      return response{http::status::no_content}.header("Allow", allow_list(req.allowed_));
    return explain(req, {http::status::method_not_allowed, {}, {}}).header("Allow", allow_list(req.allowed_));
  }
  if (const auto other = with_other_slash(req))
    return redirect_to_text(http::status::permanent_redirect, *other);
  return explain(req, {http::status::not_found, {}, {}});
}

/// The target with a '/' more or less at the end of its path, if there is a route to that.
std::optional<std::string> application::with_other_slash(const request& req) const {
  if (options_.trailing_slash != trailing_slash::redirect || req.path().size() < 2) return std::nullopt;
  std::string other{req.path()};
  if (other.ends_with('/'))
    other.pop_back();
  else
    other += '/';
  if (other.starts_with("//")) return std::nullopt;  // would name another host
  const path_segments segments{other};
  if (routing search{endpoints_, req.method()}; !search.run(routes_, segments)) return std::nullopt;
  if (!req.query().empty()) other.append("?").append(req.query());
  return other;
}

response application::explain(const request& req, const error& e) const {
  if (on_error_.run != nullptr) {
    try {
      return on_error_.run(on_error_.object, req, e);
    } catch (const task::cancelled&) {
      throw;
    } catch (const std::exception& x) {  // the page for errors has one itself
      note(req, x.what());
    }
  }
  return default_error_page(req, e);
}

/// An answer that is an error and says nothing of it gets the page for that.
response application::explained(const request& req, response made) const {
  if (!made.is_bare() || code(made.status()) < 400) return made;
  response page = explain(req, {made.status(), {}, {}});
  page.add_fields(made);  // such as WWW-Authenticate and Retry-After
  return page;
}

response next::operator()() const {
  const endpoint_entry& endpoint = *request_.endpoint_;
  if (position_ == endpoint.around.size()) return request_.application_->call_endpoint(request_);
  const middleware_entry& middleware = endpoint.around[position_];
  return request_.application_->explained(
      request_, middleware.run(middleware.object, request_, next{request_, position_ + 1}));
}

}  // namespace aster::web
