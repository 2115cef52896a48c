#include "aster/net/address_claim.hpp"

namespace aster::net {

void address_claim::begin(ipv4_address address, care how, time_point now) {
  address_ = address;
  how_ = how;
  said_ = 0;
  began_ = now;
  defended_ = time_point::min();
  stage_ = how.probe_first ? stage::waiting : stage::announcing;
  next_ = how.probe_first ? now + somewhere_in(probe_wait) : now;
}

void address_claim::forget() {
  stage_ = stage::idle;
  next_ = never;
}

std::optional<wire::arp> address_claim::next(time_point now) {
  if (now < next_) return std::nullopt;
  const wire::arp probe{wire::arp::operation::request, mac_, {}, {}, address_};
  const wire::arp announcement{wire::arp::operation::request, mac_, address_, {}, address_};
  switch (stage_) {
    case stage::idle:
    case stage::settled: next_ = never; return std::nullopt;
    case stage::waiting:
      stage_ = stage::probing;
      said_ = 0;
      [[fallthrough]];
    case stage::probing:
      if (said_ < probes) {
        ++said_;
        next_ = now +
                (said_ < probes ? least_probe_interval + somewhere_in(probe_interval_spread) : announce_wait);
        return probe;
      }
      stage_ = stage::announcing;
      said_ = 0;
      began_ = now;
      [[fallthrough]];
    case stage::announcing:
      // Without probes before it the first announcement follows one: an owner that does not mind being
      // announced over, as Linux, does answer a question.
      if (!how_.probe_first && said_ == 0) {
        said_ = 1;
        return probe;
      }
      ++said_;
      if (said_ < announcements + (how_.probe_first ? 0 : 1)) {
        next_ = now + announce_interval;
      } else {
        stage_ = stage::settled;
        next_ = never;
      }
      return announcement;
  }
  return std::nullopt;
}

address_claim::verdict address_claim::heard(const wire::arp& a, time_point now) {
  if (stage_ == stage::idle || a.sender_mac == mac_) return verdict::no_conflict;
  const bool also_asks = a.op == wire::arp::operation::request && a.sender_ip.is_unspecified() &&
                         a.target_ip == address_ && !is_settled();  // §2.1.1
  if (a.sender_ip != address_ && !also_asks) return verdict::no_conflict;
  if (!is_settled()) {
    if (!how_.keep) {
      forget();
      return verdict::lost;
    }
    stage_ = stage::waiting;
    next_ = now + retry_after;
    return verdict::conflict;
  }
  const bool defended_lately = defended_ != time_point::min() && now - defended_ < defend_interval;
  if (!how_.keep && (defended_lately || now - began_ < probation)) {
    forget();
    return verdict::lost;
  }
  if (!defended_lately) {
    defended_ = now;
    stage_ = stage::announcing;  // one more announcement, at once
    said_ = announcements + (how_.probe_first ? 0 : 1) - 1;
    next_ = now;
  }
  return verdict::conflict;
}

}  // namespace aster::net
