// No client may have more than its share.
//
//   web::wrap(web::rate_limit{{.requests = 60, .per = 1min, .burst = 20}})
//
// A token bucket for each IPv4 address and each IPv6 network of 64 bits, which is what one customer has at
// least: `burst` requests at once, then as many as the rate allows. What is above is answered 429 with
// Retry-After. The table of clients is bounded; when it is full, the one that has been silent longest is
// forgotten, which can only give it tokens.
//
// The address is the one that the connection comes from. Behind a proxy that is the proxy's, and behind
// `aster run -p` one address for everybody: all of them share one bucket there. With `.trusted` the limit
// looks through the proxies that it names to the client behind, by X-Forwarded-For (see proxies.hpp):
//
//   web::wrap(web::rate_limit{{.requests = 60, .trusted = {{10, 0, 0, 1}}}})
#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <utility>

#include "aster/task/clock.hpp"
#include "aster/web/proxies.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

struct rate {
  std::uint32_t requests = 60;
  task::duration per = std::chrono::minutes{1};
  std::uint32_t burst = 20;
  std::size_t clients = 4096;  // remembered at once; some 100 bytes each
  proxies trusted{};           // whose word on whom a request comes from is taken; nobody's
};

class rate_limit {
 public:
  explicit rate_limit(rate limit) : rate_(std::move(limit)) {}

  response operator()(const request& req, next behind);

  /// Takes a token of the client's. Zero when there was one; else how long until there is.
  task::duration take(const net::ip_address& client);

 private:
  struct bucket {
    net::ip_address client;
    task::time_point full_at;  // when it will be full again, with nothing taken meanwhile
  };

  rate rate_;
  std::list<bucket> buckets_;  // the one heard of last in front
  std::map<net::ip_address, std::list<bucket>::iterator>
      by_client_;  // no hash: clients choose their addresses
};

}  // namespace aster::web
