#include "aster/proxy/edge.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "aster/http/failure.hpp"
#include "aster/proxy/failure_page.hpp"
#include "aster/proxy/route_match.hpp"
#include "aster/task/deadline.hpp"

namespace aster::proxy {

struct edge::service {
  service(edge& of, std::string n, const upstream_options& options)
      : name(std::move(n)), to(of.connect_, options, [this, &of] { of.note_waiting(*this); }) {}

  std::string name;
  upstream to;
  std::uint64_t requests = 0, failed = 0;
  bool is_listed = true;  // in the table
};

edge::edge(upstream::connect_function connect, const edge_options& options, site_function site)
    : connect_(std::move(connect)), options_(options), site_(std::move(site)) {}

edge::~edge() = default;

void edge::set_table(const edge_table& table) {
  for (auto& [name, s] : services_) s->is_listed = false;
  for (const edge_service& says : table.services) {
    auto& s = services_[says.name];
    if (!s) s = std::make_shared<service>(*this, says.name, options_.upstream);
    s->is_listed = true;
    s->to.set_concurrency(says.concurrency);
    s->to.refuse(says.state == service_readiness::failed);
    std::vector<net::endpoint> instances;
    for (const std::string& at : says.instances)
      if (const auto where = parse_endpoint(at)) instances.push_back(*where);
    s->to.set_instances(instances);
  }
  ways_.clear();
  for (const edge_route& r : table.routes)
    if (const auto found = services_.find(r.service); found != services_.end() && found->second->is_listed)
      ways_.push_back(std::make_shared<const way>(r, found->second));
  for (auto& [name, s] : services_)
    if (!s->is_listed) {
      s->to.refuse(true);
      s->to.set_instances({});
    }
  for (const auto& [name, s] : services_) watch_leaving(s);
  forget_gone();
  has_table_ = true;
  table_.notify_all();
  note_change();
}

void edge::watch_leaving(const std::shared_ptr<service>& of) {
  of->to.each_instance([&](const net::endpoint& where, std::size_t) {
    if (!of->to.is_draining(where) || !watched_.emplace(of.get(), where).second) return;
    try {
      watching_.spawn("an instance that leaves", [this, of, where] { watch(*of, where); });
    } catch (const std::bad_alloc&) {
      watched_.erase({of.get(), where});  // then its requests end by their own limits
    }
  });
}

/// Whether an instance goes because it shall or because it is gone, nobody says: it shows in whether it is
/// there. Whoever asked the one that is gone would wait for long otherwise.
void edge::watch(service& of, const net::endpoint& where) {
  struct watched {
    edge& by;
    std::pair<const service*, net::endpoint> what;
    ~watched() { by.watched_.erase(what); }
  } const until_the_end{*this, {&of, where}};
  for (unsigned silent = 0; of.to.is_draining(where);) {
    if (is_there(where)) {
      silent = 0;
      task::sleep(options_.between_looks);
    } else if (++silent == 3) {
      return of.to.break_off(where);
    }
  }
}

/// One that refuses is there: it listens no more. What fails on our side says nothing of it.
bool edge::is_there(const net::endpoint& where) {
  try {
    const auto answer = task::within(options_.look, [&] { return connect_(where); });
    return answer && (answer->has_value() || answer->error() == net::error::refused ||
                      answer->error() == net::error::exhausted);
  } catch (const std::bad_alloc&) {
    return true;
  }
}

/// Services that have left the table, once their last request has ended.
void edge::forget_gone() {
  std::erase_if(services_, [](const auto& entry) {
    const service& s = *entry.second;
    return !s.is_listed && s.to.outstanding() == 0 && s.to.waiting() == 0 && entry.second.use_count() == 1;
  });
}

std::shared_ptr<const edge::way> edge::find(const http::request& request) const {
  const auto found = std::ranges::find_if(
      ways_, [&](const auto& w) { return matches(w->route, request.host(), request.path()); });
  return found == ways_.end() ? nullptr : *found;
}

void edge::await_table() {
  const task::time_point deadline = task::after(task::now(), options_.first_table);
  while (!has_table_ && task::now() < deadline) static_cast<void>(table_.wait_until(deadline));
}

void edge::operator()(const http::request& request, http::response& response) {
  if (request.path() == health_path) {
    response.header("Cache-Control", "no-store").text("well\n");
    return;
  }
  if (!has_table_ && options_.first_table > task::duration::zero()) await_table();
  // The table may change while this request is under way: what it needs of it is held.
  const std::shared_ptr<const way> found = find(request);
  if (!found) return answer_without_service(request, response);
  if (lacks_slash(found->route, request.path()) &&
      (request.method() == http::method::get || request.method() == http::method::head)) {
    std::string where{request.path()};
    where += '/';
    if (!request.query().empty()) where.append("?").append(request.query());
    response.status(http::status::permanent_redirect).header("Location", where);
    return;
  }
  give(request, response, *found);
}

void edge::answer_without_service(const http::request& request, http::response& response) {
  if (site_) return site_(request, response);
  show_failure(request, response, http::failure{http::status::not_found, "No service has this address."}, {});
}

edge::ids edge::name(const http::request& request) {
  ids made;
  std::string_view trace = trace_id(request.header("traceparent").value_or(""));
  if (trace.empty()) {
    made.trace = traces_.next();
    trace = std::string_view{made.trace}.substr(trace_source::id_begin, trace_source::id_size);
  }
  const std::string_view theirs = request.header("x-request-id").value_or("");
  made.request = is_request_id(theirs) ? theirs : trace;
  return made;
}

void edge::give(const http::request& request, http::response& response, const way& by) {
  service& to = *by.to;
  if (options_.remembers_services) under_way_[request.target().data()] = to.name;
  ++to.requests;
  note_change();
  struct ended {
    edge& of;
    ~ended() { of.note_change(); }
  } const when_done{*this};

  const ids id = name(request);
  std::string target;
  forward_options how = options_.forwarding;
  how.request_id = id.request;
  how.trace = id.trace;
  if (by.route.strip) {
    target = target_behind(by.route, request.target());
    how.target = target;
    how.fields.prefix = by.route.path;
  }
  try {
    forward(request, response, to.to, how);
  } catch (const http::failure& f) {
    response.header("X-Request-Id", id.request);
    show_failure(request, response, f, id.request);
  }
  if (http::code(response.status()) >= 500) ++to.failed;
}

edge_demand edge::demand() const {
  edge_demand says;
  for (const auto& [name, s] : services_) {
    if (!s->is_listed && s->to.outstanding() == 0) continue;
    service_load& load = says.demand.emplace_back(
        service_load{name, s->to.waiting(), s->to.outstanding(), s->requests, s->failed, {}});
    s->to.each_instance([&](const net::endpoint& where, std::size_t outstanding) {
      load.instances.push_back({net::to_string(where), outstanding});
    });
  }
  return says;
}

void edge::note_change() {
  has_changed_ = true;
  if (!changed_.empty()) changed_.notify_all();
}

void edge::note_waiting(const service& at) {
  has_changed_ = true;
  if (at.to.waiting() == 1) is_urgent_ = true;
  if (!changed_.empty()) changed_.notify_all();
}

void edge::await_demand(task::time_point earliest, task::time_point latest) {
  for (;;) {
    const task::time_point now = task::now();
    if (is_urgent_ || now >= latest || (has_changed_ && now >= earliest)) break;
    static_cast<void>(changed_.wait_until(has_changed_ ? std::min(earliest, latest) : latest));
  }
  for (const auto& [name, s] : services_) s->to.close_idle();
  forget_gone();
  is_urgent_ = has_changed_ = false;
}

std::string edge::service_of(const http::access_record& record) {
  const auto found = under_way_.find(record.target.data());
  if (found == under_way_.end()) return {};
  std::string name = std::move(found->second);
  under_way_.erase(found);
  return name;
}

}  // namespace aster::proxy
