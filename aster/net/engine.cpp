#include "aster/net/engine.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace aster::net {

namespace {

tcp::host_options tcp_options(const abi::net_device& device, const engine_options& o) {
  const abi::net_info& info = device.info();
  // The device can only cut segments whose checksums it completes.
  return {o.tcp, o.connection_limit, info.mtu, info.tso4 && info.checksum_offload,
          info.tso6 && info.checksum_offload};
}

}  // namespace

engine::engine(abi::net_device& device, const engine_options& options, siphash_key entropy)
    : random_(entropy),
      pool_(options.memory_limit),
      routes_(counts_),
      icmp_(routes_, counts_),
      udp_(routes_, icmp_, counts_, random_),
      tcp_(routes_, pool_, counts_, random_, tcp_options(device, options)) {
  attachments_.push_back(std::make_unique<attachment>(device,
                                                      attachment_options{.name = options.name,
                                                                         .address = options.address,
                                                                         .host_name = options.host_name,
                                                                         .probe_first = options.probe_first},
                                                      counts_, random_));
  routes_.add(attachments_.back()->interface());
}

void engine::start(time_point now) { attachments_.front()->start(now); }

attachment& engine::attach(abi::net_device& device, const attachment_options& options, time_point now) {
  attachment& a = *attachments_.emplace_back(std::make_unique<attachment>(device, options, counts_, random_));
  routes_.add(a.interface());
  if (forwarder_) forward_for(a);
  a.start(now);
  links_changed();
  return a;
}

void engine::forward(const forwarding_options& options) {
  forwarder_.emplace(routes_, icmp_, counts_, options);
  routes_.set_router();
  for (const auto& a : attachments_) forward_for(*a);
}

void engine::forward_for(attachment& a) {
  a.interface().take_foreign(true);
  forwarder_->name(a.interface(), a.name());
}

// A connection may go over any of the links, so its segments fit all of them.
void engine::links_changed() {
  std::uint16_t mtu = 65535;
  bool segmentation = true, segmentation6 = true;
  for (const auto& a : attachments_) {
    const abi::net_info& info = a->interface().device().info();
    mtu = std::min(mtu, a->interface().mtu());
    if (const interface6* six = a->interface().ipv6()) mtu = std::min(mtu, six->mtu());
    segmentation = segmentation && info.tso4 && info.checksum_offload;
    segmentation6 = segmentation6 && info.tso6 && info.checksum_offload;
  }
  tcp_.set_link(mtu, segmentation, segmentation6);
}

bool engine::join(const ip_address& group, time_point now) {
  for (const auto& a : attachments_) {
    interface6* six = a->interface().ipv6();
    const bool joined = group.is_v4()    ? a->interface().groups().join(group.v4(), now)
                        : six != nullptr ? six->groups().join(group.v6(), now)
                                         : group.is_multicast();
    if (!joined) return false;
  }
  return true;
}

void engine::leave(const ip_address& group, time_point now) {
  for (const auto& a : attachments_) {
    if (group.is_v4()) {
      a->interface().groups().leave(group.v4(), now);
    } else if (interface6* six = a->interface().ipv6()) {
      six->groups().leave(group.v6(), now);
    }
  }
}

bool engine::is_on_link(const ip_address& other) const {
  if (other.is_v4()) return address() && address()->contains(other.v4());
  const interface6* six = first().interface().ipv6();
  return six != nullptr && six->state().is_on_link(other.v6());
}

std::vector<ip_address> engine::all_name_servers() const {
  std::vector<ip_address> all(name_servers().begin(), name_servers().end());
  if (const interface6* six = first().interface().ipv6())
    for (const ipv6_address& server : six->state().name_servers()) all.emplace_back(server);
  return all;
}

std::vector<std::string> engine::search_domains() const {
  std::vector<std::string> all;
  if (!domain().empty()) all.push_back(domain());
  if (const interface6* six = first().interface().ipv6())
    for (std::string& name : six->state().search_domains())
      if (!std::ranges::contains(all, name)) all.push_back(std::move(name));
  return all;
}

// --- Arriving ---------------------------------------------------------------------------------------------

bool engine::receive(time_point now) {
  bool more = false;
  for (const auto& a : attachments_) more = receive(*a, now) || more;
  expired(now);
  // What was passed on does not wait until the program has nothing to do: devices are only so deep.
  if (forwarder_) flush_devices();
  return more;
}

bool engine::receive(attachment& from, time_point now) {
  std::array<abi::received_frame, batch> frames;
  abi::net_device& device = from.interface().device();
  std::size_t total = 0;
  bool more = true;
  while (more && total < round_limit) {
    const std::size_t count = device.receive(frames);
    for (const abi::received_frame& frame : std::span{frames}.first(count)) {
      try {
        arrived(from, frame, now);
      } catch (const std::bad_alloc&) {
        counts_.add(counter::memory_exhausted);  // the frame is lost, as on a bad wire
      }
      device.release(frame);
    }
    total += count;
    more = count > 0;
  }
  return more;
}

void engine::arrived6(interface6& link, const abi::received_frame& frame, time_point now) {
  const std::uint16_t mtu = link.mtu();
  const auto in = link.arrived(frame, now);
  if (link.mtu() != mtu) links_changed();  // a router has said so
  if (!in) return;
  switch (in->header.protocol) {
    case wire::ipv6::tcp:
      if (in->to_all || in->header.source.is_unspecified()) {
        counts_.add(counter::ipv6_not_for_us);  // a connection has two ends (RFC 9293 §3.9.2.3)
        return;
      }
      tcp_.arrived(
          in->header.source, in->header.destination, in->payload, in->verify, now,
          (in->header.traffic_class & wire::ipv4::congestion_bits) == wire::ipv4::congestion_experienced);
      return;
    case wire::ipv6::udp:
      if (in->header.source.is_unspecified()) {
        counts_.add(counter::ipv6_source);
        return;
      }
      udp_.arrived(*in, now);
      return;
    case wire::ipv6::icmp:
      if (const auto complaint = icmp_.arrived(*in)) complaint_arrived(*complaint);
      return;
    default:
      counts_.add(counter::ipv6_unknown_protocol);
      if (in->header.protocol != wire::ipv6::none)
        link.send_error(in->packet, wire::icmpv6::parameter_problem, wire::icmpv6::unknown_next_header,
                        static_cast<std::uint32_t>(in->next_field), now);
      return;
  }
}

void engine::arrived(attachment& from, const abi::received_frame& frame, time_point now) {
  if (interface6* six = from.interface().ipv6(); six != nullptr && interface6::takes(frame)) {
    arrived6(*six, frame, now);
    return;
  }
  auto in = from.interface().arrived(frame, now);
  if (!in) return;
  if (from.takes(*in, now)) {
    links_changed();
    return;
  }
  if (forwarder_ && forwarder_->takes(*in, from.interface(), now)) return;
  const bool configured = from.interface().address().has_value();
  switch (in->header.protocol) {
    case wire::ipv4::tcp:
      if (in->to_all || in->header.source.is_unspecified() || !configured) {
        counts_.add(counter::ipv4_not_for_us);  // a connection has two ends (RFC 9293 §3.9.2.3)
        return;
      }
      tcp_.arrived(
          in->header.source, in->header.destination, in->payload, in->verify, now,
          (in->header.traffic_class & wire::ipv4::congestion_bits) == wire::ipv4::congestion_experienced);
      return;
    case wire::ipv4::udp:
      if (configured)
        udp_.arrived(*in, now);
      else
        counts_.add(counter::ipv4_not_for_us);
      return;
    case wire::ipv4::icmp:
      if (!configured) {
        counts_.add(counter::ipv4_not_for_us);
        return;
      }
      if (const auto complaint = icmp_.arrived(*in, now)) complaint_arrived(*complaint);
      return;
    default:
      counts_.add(counter::ipv4_unknown_protocol);
      if (configured) icmp_.send_unreachable(*in, wire::icmp::protocol_unreachable, now);
      return;
  }
}

void engine::complaint_arrived(const icmp::complaint& c) {
  if (c.protocol == wire::ipv4::tcp) {
    tcp_.icmp_error(c.source, c.destination, c.quoted, c.hard, c.path_mtu);
  } else if (c.protocol == wire::ipv4::udp) {
    udp_.icmp_error(c);
  } else {
    counts_.add(counter::icmp_error_ignored);
  }
}

// --- Time -------------------------------------------------------------------------------------------------

void engine::expired(time_point now) {
  for (const auto& a : attachments_) {
    interface& link = a->interface();
    if (link.deadline() <= now) {
      link.expired(
          now,
          [&](const ip_address& failed) {
            const auto concerns = [&](const ip_address& remote) {
              if (remote.is_v4() != failed.is_v4()) return false;
              if (remote.is_v6()) {
                const auto way = routes_.find(remote.v6());
                return way && way->by == &link && link.ipv6()->state().next_hop(remote.v6()) == failed.v6();
              }
              const auto way = routes_.find(remote.v4());
              return way && way->by == &link && way->next_hop == failed.v4();
            };
            tcp_.neighbour_failed(concerns);
            udp_.neighbour_failed(concerns);
          },
          [&](wire::bytes incomplete) { icmp_.send_incomplete(incomplete, now); });
    }
    a->expired(now);
  }
  if (tcp_.deadline() <= now) tcp_.expired(now);
}

time_point engine::deadline() const {
  time_point first = tcp_.deadline();
  for (const auto& a : attachments_) first = std::min({first, a->interface().deadline(), a->deadline()});
  return first;
}

void engine::flush(time_point now) {
  tcp_.flush(now);
  flush_devices();
}

void engine::flush_devices() {
  for (const auto& a : attachments_)
    if (a->interface().take_sent()) a->interface().device().flush();
}

}  // namespace aster::net
