#include "aster/web/rate_limit.hpp"

#include <algorithm>

namespace aster::web {

// A bucket is one time: when it will be full. A token more to refill puts that off by per/requests, and there
// is a token as long as it is less than burst tokens away (the "generic cell rate algorithm", ITU-T I.371).
task::duration rate_limit::take(const net::ip_address& address) {
  const net::ip_address client = address.is_v4() ? address : address.v6().prefix(64);
  const task::time_point now = task::now();
  auto found = by_client_.find(client);
  if (found == by_client_.end()) {
    if (buckets_.size() >= rate_.clients) {
      by_client_.erase(buckets_.back().client);
      buckets_.pop_back();
    }
    buckets_.push_front({client, now});
    found = by_client_.emplace(client, buckets_.begin()).first;
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  bucket& mine = *found->second;
  const task::duration one = rate_.per / std::max(rate_.requests, 1u);
  const task::time_point full_at = std::max(mine.full_at, now) + one;
  const task::time_point latest = now + one * std::max(rate_.burst, 1u);
  if (full_at > latest) return full_at - latest;
  mine.full_at = full_at;
  return task::duration::zero();
}

response rate_limit::operator()(const request& req, next behind) {
  const task::duration wait = take(rate_.trusted.client(req));
  if (wait == task::duration::zero()) return behind();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return to_response(http::status::too_many_requests).header("Retry-After", std::to_string(seconds.count()));
}

}  // namespace aster::web
