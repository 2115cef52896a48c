#include "host/network/frame_switch.hpp"

#include <algorithm>

#include "host/network/datagram_frame.hpp"
#include "host/network/network_order.hpp"

namespace aster::host {
namespace {

using decision = frame_switch::decision;

decision drop(decision::cause why) {
  return {.to = decision::place::nowhere, .where = 0, .why = why, .answer = {}};
}

void put(std::vector<std::byte>& to, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t b : bytes) to.push_back(std::byte{b});
}

/// "`address` is at `hardware`" (RFC 826), to who asked.
std::vector<std::byte> arp_reply(const hardware_address& hardware, std::uint32_t address,
                                 const frame_view& question) {
  static constexpr std::uint8_t type[] = {0x08, 0x06}, head[] = {0, 1, 0x08, 0, 6, 4, 0, 2};
  std::vector<std::byte> out;
  out.reserve(42);
  put(out, question.from);
  put(out, hardware);
  put(out, type);
  put(out, head);
  put(out, hardware);
  put_word(out, address);
  put(out, question.from);
  put_word(out, question.source);
  return out;
}

}  // namespace

frame_switch::port frame_switch::add(const station& s) {
  const port p = next_++;
  stations_.emplace(p, s);
  by_address_[s.address] = p;
  return p;
}

void frame_switch::change(port p, const station& s) {
  const auto at = stations_.find(p);
  if (at == stations_.end()) return;
  by_address_.erase(at->second.address);
  by_address_[s.address] = p;
  at->second = s;
}

void frame_switch::remove(port p) {
  const auto at = stations_.find(p);
  if (at == stations_.end()) return;
  const std::uint32_t address = at->second.address;
  by_address_.erase(address);
  std::erase_if(published_, [p](const auto& entry) { return entry.first == p; });
  std::erase_if(flows_,
                [&](const auto& f) { return f.first.source == address || f.first.destination == address; });
  stations_.erase(at);
}

const std::pair<const frame_switch::port, frame_switch::station>* frame_switch::find(
    std::uint32_t address) const {
  const auto at = by_address_.find(address);
  return at == by_address_.end() ? nullptr : &*stations_.find(at->second);
}

bool frame_switch::may_reach(const station& from, std::uint32_t address) const {
  if (address == own_.names) return true;
  const auto* const other = find(address);
  // Who is reached has to be able to answer.
  return other != nullptr &&
         (allowed_.contains({from.of, other->second.of}) || allowed_.contains({other->second.of, from.of}));
}

/// Whether an address is one host's, elsewhere. The loopback of whoever carries the frame on is no world.
bool frame_switch::is_world(std::uint32_t address) const {
  const std::uint32_t first = address >> 24;
  const bool is_near = own_.mask != 0 && ((address ^ own_.address) & own_.mask) == 0;
  return !is_near && first != 0 && first != 127 && first < 224;
}

decision frame_switch::arp(const station& from, const frame_view& seen) const {
  if (seen.what == frame_view::kind::arp_reply) return drop(decision::cause::none);  // nobody asked it
  // Probes and announcements of its own address (RFC 5227): nobody else has it.
  if (seen.destination == from.address) return drop(decision::cause::none);
  if (seen.destination == own_.address || seen.destination == own_.names)
    return {.to = decision::place::back,
            .where = 0,
            .why = {},
            .answer = arp_reply(own_.hardware, seen.destination, seen)};
  const auto* const other = find(seen.destination);
  if (other == nullptr) return drop(decision::cause::absent);
  if (!may_reach(from, seen.destination)) return drop(decision::cause::undeclared);
  return {.to = decision::place::back,
          .where = 0,
          .why = {},
          .answer = arp_reply(other->second.hardware, seen.destination, seen)};
}

/// Whether a packet is part of what one of the two may open: `forth` the sender, `back` the receiver.
bool frame_switch::may_send(const frame_view& seen, bool forth, bool back, time_point now) {
  switch (seen.what) {
    case frame_view::kind::tcp: return seen.is_tcp_opening() ? forth : forth || back;
    case frame_view::kind::icmp:
      switch (seen.icmp_type) {
        case 8: return forth;  // echo
        case 0: return back;   // … and its answer
        case 3:                // unreachable
        case 11:               // time exceeded
        case 12: return forth || back;
        default: return false;
      }
    case frame_view::kind::udp: {
      const flow there{seen.source, seen.destination, seen.source_port, seen.destination_port, 17};
      const flow other{seen.destination, seen.source, seen.destination_port, seen.source_port, 17};
      if (!forth) {
        const auto asked = flows_.find(other);
        return asked != flows_.end() && asked->second > now;
      }
      if (flows_.size() >= flow_limit)
        std::erase_if(flows_, [now](const auto& f) { return f.second <= now; });
      if (flows_.size() >= flow_limit && !flows_.contains(there)) return false;
      flows_[there] = now + flow_lifetime;
      return true;
    }
    case frame_view::kind::arp_request:
    case frame_view::kind::arp_reply: return false;
  }
  return false;
}

decision frame_switch::decide(port from, std::span<const std::byte> frame, time_point now) {
  const auto at = stations_.find(from);
  if (at == stations_.end()) return drop(decision::cause::absent);
  const station& sender = at->second;
  const auto seen = frame_view::of(frame);
  if (!seen) return drop(decision::cause::malformed);
  if (seen->from != sender.hardware) return drop(decision::cause::spoofed);
  // Who has no address yet asks everybody for one (RFC 2131 §4.1).
  if (seen->what == frame_view::kind::udp && seen->destination_port == 67 && seen->source_port == 68 &&
      (seen->source == 0 || seen->source == sender.address))
    return {.to = decision::place::lease, .where = from, .why = {}, .answer = {}};
  const bool is_arp =
      seen->what == frame_view::kind::arp_request || seen->what == frame_view::kind::arp_reply;
  // An address is probed for without a sender's before it is used (RFC 5227 §1.1).
  if (seen->source != sender.address && !(is_arp && seen->source == 0)) return drop(decision::cause::spoofed);
  if (is_arp) return arp(sender, *seen);

  if (seen->destination == own_.names || seen->destination == own_.address)
    return to_own(sender, from, *seen);
  if (const auto* const other = find(seen->destination)) {
    if (seen->to != other->second.hardware) return drop(decision::cause::absent);
    const bool forth = allowed_.contains({sender.of, other->second.of});
    const bool back = allowed_.contains({other->second.of, sender.of});
    if (!may_send(*seen, forth, back, now)) return drop(decision::cause::undeclared);
    return {.to = decision::place::port, .where = other->first, .why = {}, .answer = {}};
  }
  if (seen->to != own_.hardware || !is_world(seen->destination)) return drop(decision::cause::absent);
  // Answers to what the world may open are let through whether or not the service may open anything itself.
  const bool back = seen->what == frame_view::kind::tcp && published_.contains({from, seen->source_port});
  if (!may_send(*seen, sender.reaches_world, back, now)) return drop(decision::cause::undeclared);
  return {.to = decision::place::world, .where = 0, .why = {}, .answer = {}};
}

decision frame_switch::to_own(const station& from, port p, const frame_view& seen) const {
  const decision own{.to = decision::place::own, .where = p, .why = {}, .answer = {}};
  switch (seen.what) {
    case frame_view::kind::udp:
      if (seen.destination != own_.names || seen.destination_port != 53)
        return drop(decision::cause::undeclared);
      return {.to = decision::place::question, .where = p, .why = {}, .answer = {}};
    case frame_view::kind::tcp:
      if (seen.destination != own_.address) return drop(decision::cause::undeclared);
      if (seen.is_tcp_opening() && !admitted_.contains({from.of, seen.destination_port}))
        return drop(decision::cause::undeclared);
      return own;
    case frame_view::kind::icmp:
      return seen.destination == own_.address ? own : drop(decision::cause::undeclared);
    case frame_view::kind::arp_request:
    case frame_view::kind::arp_reply: break;
  }
  return drop(decision::cause::none);
}

decision frame_switch::arp_from_own(const frame_view& seen) const {
  if (seen.what == frame_view::kind::arp_reply) return drop(decision::cause::none);
  const auto* const other = find(seen.destination);
  if (other == nullptr) return drop(decision::cause::absent);
  return {.to = decision::place::back,
          .where = 0,
          .why = {},
          .answer = arp_reply(other->second.hardware, seen.destination, seen)};
}

decision frame_switch::decide_from_own(std::span<const std::byte> frame) const {
  const auto seen = frame_view::of(frame);
  if (!seen) return drop(decision::cause::malformed);
  if (seen->what == frame_view::kind::arp_request || seen->what == frame_view::kind::arp_reply)
    return arp_from_own(*seen);
  const auto* const to = find(seen->destination);
  if (to == nullptr) return drop(decision::cause::absent);
  return {.to = decision::place::port, .where = to->first, .why = {}, .answer = {}};
}

std::vector<std::byte> frame_switch::name_answer(const frame_view& question,
                                                 std::span<const std::byte> datagram) const {
  return datagram_frame({own_.hardware, question.destination, question.destination_port},
                        {question.from, question.source, question.source_port}, datagram);
}

decision frame_switch::decide_from_world(std::span<const std::byte> frame, time_point now) {
  const auto seen = frame_view::of(frame);
  if (!seen) return drop(decision::cause::malformed);
  if (seen->what == frame_view::kind::arp_request || seen->what == frame_view::kind::arp_reply)
    return arp_from_own(*seen);
  const auto* const to = find(seen->destination);
  if (to == nullptr) return drop(decision::cause::absent);
  if (find(seen->source) != nullptr) return drop(decision::cause::spoofed);
  const bool forth =
      seen->what == frame_view::kind::tcp && published_.contains({to->first, seen->destination_port});
  if (!may_send(*seen, forth, to->second.reaches_world, now)) return drop(decision::cause::undeclared);
  return {.to = decision::place::port, .where = to->first, .why = {}, .answer = {}};
}

}  // namespace aster::host
