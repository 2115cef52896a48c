// The edge of a galaxy: what stands in front of all services and gives each request to the one it is for.
//
//   proxy::edge edge{connect, {}, site};
//   edge.set_table(table);                        // routes and services, as whoever keeps the galaxy says
//   http::serve(stack.listen(80), edge, options);
//
// A request that no route takes goes to `site`, so that a static site lies beside the routes. One to a
// service that sleeps waits until an instance is there; `demand` tells of it whoever starts one. An edge is
// an http::handler, so whatever makes streams of bytes can stand in front of it: a listener, or a layer that
// speaks TLS and calls http::serve_connection with `forwarding.scheme` "https".
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "aster/http/access_log.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/proxy/edge_message.hpp"
#include "aster/proxy/forward.hpp"
#include "aster/proxy/trace_context.hpp"
#include "aster/proxy/upstream.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::proxy {

struct edge_options {
  // Of each service; its concurrency is the table's. Instances are near, and come and go: who does not take a
  // connection at once is tried again soon.
  upstream_options upstream{.connecting = std::chrono::milliseconds{1500},
                            .idle = std::chrono::seconds{5},
                            .pause = std::chrono::milliseconds{100},
                            .most_pause = std::chrono::seconds{2}};
  forward_options forwarding{.hold = std::chrono::seconds{10}};
  task::duration first_table = std::chrono::seconds{10};  // requests wait so long for it; zero: not at all
  task::duration look =
      std::chrono::milliseconds{500};  // an instance that leaves is silent when it takes longer
  task::duration between_looks = std::chrono::seconds{2};  // … while it is not
  bool remembers_services = false;                         // so that `service_of` can tell the log
};

class edge {
 public:
  using site_function = std::function<void(const http::request&, http::response&)>;

  /// Answered by the edge itself: 200 as long as it runs. For whoever wants to know whether it is well.
  static constexpr std::string_view health_path = "/.aster/health";

  /// Belongs to the fiber that makes it. `connect` parks. Without a site, what no route takes is 404.
  edge(upstream::connect_function connect, const edge_options& options, site_function site = {});
  /// No request may be under way any more.
  ~edge();
  edge(const edge&) = delete;
  edge& operator=(const edge&) = delete;

  /// From now on requests go by this table; those that are under way come to their end where they are, as
  /// long as the instance is there: one that was left out is asked for a connection now and then, and when it
  /// is silent three times, its requests fail and are repeated elsewhere. Must have come from
  /// `read_table_line`, or keep to the same. Does not park.
  void set_table(const edge_table& table);
  bool has_table() const { return has_table_; }

  /// Answers a request: an http::handler. Parks; throws as `forward` does where the response has begun.
  void operator()(const http::request& request, http::response& response);

  /// What services have to do now.
  edge_demand demand() const;

  /// Parks until `demand` has something new since it was told last: at once when a request has begun to wait
  /// and none did before; else not before `earliest`, and with nothing new at `latest`.
  void await_demand(task::time_point earliest, task::time_point latest);

  /// The service that a request which is being answered was given to, by the bytes of its target; empty: to
  /// none. The access log's, which calls it once for each request.
  std::string service_of(const http::access_record& record);

 private:
  struct service;
  struct way {
    edge_route route;
    std::shared_ptr<service> to;
  };
  struct ids {
    std::string trace;  // traceparent that goes on; empty: the request's own does
    std::string request;
  };

  std::shared_ptr<const way> find(const http::request& request) const;
  void await_table();
  ids name(const http::request& request);
  void give(const http::request& request, http::response& response, const way& by);
  void answer_without_service(const http::request& request, http::response& response);
  void watch_leaving(const std::shared_ptr<service>& of);
  void watch(service& of, const net::endpoint& where);
  bool is_there(const net::endpoint& where);
  void note_change();
  void note_waiting(const service& at);
  void forget_gone();

  upstream::connect_function connect_;
  edge_options options_;
  site_function site_;
  trace_source traces_;
  std::vector<std::shared_ptr<const way>> ways_;
  std::map<std::string, std::shared_ptr<service>, std::less<>> services_;
  std::unordered_map<const char*, std::string> under_way_;  // services, by where the target lies
  bool has_table_ = false;
  bool has_changed_ = false, is_urgent_ = false;
  task::wait_queue table_{"the first table"}, changed_{"a change of demand"};
  std::set<std::pair<const service*, net::endpoint>> watched_;  // instances that are leaving
  task::scope watching_{"edge"};                                // last: its fibers use the rest
};

}  // namespace aster::proxy
