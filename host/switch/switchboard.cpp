#include "host/switch/switchboard.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <format>
#include <set>

#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "host/switch/host_resolver.hpp"
#include "host/switch/lease.hpp"
#include "host/switch/note.hpp"

namespace aster::host {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using place_of = frame_switch::decision::place;

constexpr std::size_t header_size = sizeof(abi::net_header);
constexpr std::size_t greeting_limit = 256;
constexpr auto greeting_patience = 5s;
constexpr auto leaving_patience = 1s;
constexpr std::size_t relay_limit = 64;                 // questions to the host's name server under way
constexpr auto handshake_patience = 250ms;              // of one attempt to connect
constexpr auto least_breath = 2ms, most_breath = 20ms;  // between two attempts

/// 52:55 and the address: where the user-mode network expects its gateway.
hardware_address hardware_of_gateway(std::uint32_t address) {
  return {0x52,
          0x55,
          static_cast<std::uint8_t>(address >> 24),
          static_cast<std::uint8_t>(address >> 16),
          static_cast<std::uint8_t>(address >> 8),
          static_cast<std::uint8_t>(address)};
}

/// 02:41:53 and the address within its network.
hardware_address hardware_of_station(std::uint32_t address) {
  return {0x02,
          0x41,
          0x53,
          static_cast<std::uint8_t>(address >> 16),
          static_cast<std::uint8_t>(address >> 8),
          static_cast<std::uint8_t>(address)};
}

std::string to_text(const hardware_address& a) {
  return std::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", a[0], a[1], a[2], a[3], a[4], a[5]);
}

bool is_service_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::optional<frame_form> form_named(std::string_view word) {
  for (const frame_form form : {frame_form::offloaded, frame_form::plain, frame_form::bare})
    if (to_string(form) == word) return form;
  return std::nullopt;
}

/// Only we ourselves, and root, which could do anything anyway.
bool is_friend(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

net::stack_options options_of_stack(net::ipv4_interface own) {
  net::stack_options o;
  o.address = own;
  o.ipv6 = false;
  return o;
}

}  // namespace

struct switchboard::place {
  std::uint32_t number = 0;
  std::string service;
  net::ipv4_address address;
  hardware_address hardware{};
  std::string token;
  bool world = false;
  frame_switch::port port = 0;
  plug* plugged = nullptr;
  bool removed = false;
  std::uint64_t frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t dropped = 0;  // those of a plug that has left included
  clock::time_point last = clock::now();
};

switchboard::switchboard(settings how, tell events)
    : settings_(std::move(how)),
      tell_(std::move(events)),
      own_hardware_(hardware_of_gateway(settings_.own.address.value)),
      rules_({.hardware = own_hardware_,
              .address = settings_.own.address.value,
              .names = settings_.own.address.value,
              .mask = settings_.own.mask()}),
      own_(own_hardware_),
      world_(
          settings_.own, fibers_, room_, [this](std::span<std::byte> m) { from_world(m); },
          [this] { flush(); }) {
  own_.on_message = [this](std::span<std::byte> m) { from_own(m); };
  own_.on_flushed = [this] { flush(); };
  rules_.admit(service_number(settings_.edge), settings_.edge_port);
  stack_ = std::make_unique<net::stack>(own_, options_of_stack(settings_.own), "gateway");
  fibers_.spawn("names", [this] { expire_names(); });
}

switchboard::~switchboard() = default;

std::uint32_t switchboard::service_number(const std::string& name) {
  return services_.try_emplace(name, static_cast<std::uint32_t>(services_.size() + 1)).first->second;
}

switchboard::place* switchboard::at_port(frame_switch::port p) const {
  const auto at = by_port_.find(p);
  return at == by_port_.end() ? nullptr : at->second;
}

// --- Orders -----------------------------------------------------------------------------------------------

std::expected<void, std::string> switchboard::set(const switch_control::station& s) {
  const auto address = net::ipv4_address::parse(s.address);
  if (s.station < 2) return std::unexpected("a station's number is 2 or more");
  if (!is_service_name(s.service)) return std::unexpected("that is no service's name");
  if (!is_token(s.token)) return std::unexpected("a token is made of letters and digits, at most 64");
  if (!address || !settings_.own.contains(*address) || *address == settings_.own.address ||
      settings_.own.is_directed_broadcast(*address))
    return std::unexpected(std::format("{} is no address of this network", s.address));
  for (const auto& [number, other] : places_) {
    if (number == s.station) continue;
    if (other->address == *address)
      return std::unexpected(std::format("{} is station {}'s address", s.address, number));
    if (other->token == s.token) return std::unexpected(std::format("that is station {}'s token", number));
  }
  auto& p = places_[s.station];
  const bool is_new = !p;
  if (is_new) p = std::make_shared<place>();
  p->number = s.station;
  p->service = s.service;
  p->address = *address;
  p->hardware = hardware_of_station(address->value);
  p->token = s.token;
  p->world = s.world;
  const frame_switch::station stands{p->hardware, address->value, service_number(s.service), s.world};
  if (is_new) {
    p->port = rules_.add(stands);
    by_port_[p->port] = p.get();
  } else {
    rules_.change(p->port, stands);
  }
  return {};
}

void switchboard::remove(std::uint32_t station) {
  const auto at = places_.find(station);
  if (at == places_.end()) return;
  place& p = *at->second;
  p.removed = true;
  rules_.remove(p.port);
  by_port_.erase(p.port);
  if (p.plugged != nullptr) p.plugged->close();
  places_.erase(at);  // whoever serves its plug still holds it
  plugged_.notify_all();
}

void switchboard::allow_only(const switch_control::rules& r) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const auto& [from, to] : r.allowed) pairs.emplace(service_number(from), service_number(to));
  rules_.allow_only(std::move(pairs));
}

void switchboard::answer(const switch_control::answer& a) {
  std::vector<std::uint32_t> addresses;
  for (const std::string& text : a.addresses)
    if (const auto address = net::ipv4_address::parse(text)) addresses.push_back(address->value);
  send(desk_.answer(a.id, addresses, a.failed || addresses.size() != a.addresses.size()));
}

std::vector<switch_control::station_state> switchboard::stations() const {
  std::vector<switch_control::station_state> all;
  for (const auto& [number, p] : places_) all.push_back({number, p->service, p->plugged != nullptr});
  return all;
}

std::vector<switch_control::station_traffic> switchboard::traffic() const {
  const auto now = clock::now();
  std::vector<switch_control::station_traffic> all;
  for (const auto& [number, p] : places_) {
    std::uint64_t dropped = p->dropped;
    if (p->plugged != nullptr) dropped += p->plugged->dropped() + p->plugged->malformed();
    const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(now - p->last);
    all.push_back({number, p->frames_in, p->frames_out, p->bytes_in, p->bytes_out, dropped,
                   static_cast<std::uint64_t>(std::max<std::int64_t>(idle.count(), 0))});
  }
  return all;
}

std::vector<switch_control::question> switchboard::questions() const {
  std::vector<switch_control::question> all;
  for (const auto& q : desk_.waiting()) all.push_back({q.id, q.station, q.name});
  return all;
}

std::string_view switchboard::service_at(const net::ip_address& address) const {
  if (!address.is_v4()) return {};
  for (const auto& [number, p] : places_)
    if (p->address == address.v4()) return p->service;
  return {};
}

// --- Whoever is plugged in
// ----------------------------------------------------------------------------------

std::expected<std::shared_ptr<switchboard::place>, std::string> switchboard::greet(descriptor& socket,
                                                                                   frame_form& form) {
  if (!is_friend(socket.get())) return std::unexpected("this galaxy is another user's");
  if (!await_readable(socket.get(), task::after(task::now(), greeting_patience)))
    return std::unexpected("you said nothing");
  std::array<char, greeting_limit> bytes;
  const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got <= 0) return std::unexpected("you said nothing");
  std::string_view said(bytes.data(), static_cast<std::size_t>(got));
  if (said.ends_with('\n')) said.remove_suffix(1);
  const std::size_t space = said.find(' ');
  const std::string_view token = said.substr(0, space);
  const auto asked = form_named(space == said.npos ? "offloaded" : said.substr(space + 1));
  if (!asked) return std::unexpected("it does not know this form of frames; is it of another version?");
  form = *asked;
  const auto at =
      std::ranges::find_if(places_, [&](const auto& entry) { return entry.second->token == token; });
  if (at == places_.end()) return std::unexpected("no station has that token");
  std::shared_ptr<place> p = at->second;
  // Who was there before may have ended a moment ago: Linux closes what its io_uring holds a little later.
  const auto until = task::after(task::now(), leaving_patience);
  while (p->plugged != nullptr)
    if (!plugged_.wait_until(until))
      return std::unexpected(
          std::format("station {} ({}) is taken: an instance is plugged in", p->number, p->service));
  if (p->removed) return std::unexpected("the station was removed");
  return p;
}

void switchboard::serve_plug(descriptor socket) {
  frame_form form = frame_form::offloaded;
  const auto greeted = greet(socket, form);
  if (!greeted) {
    std::ignore =
        ::send(socket.get(), greeted.error().data(), greeted.error().size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return;
  }
  place& p = **greeted;
  const std::string own = net::to_string(settings_.own.address);
  const std::string where = std::format("r mac={},ip={}/{},gateway={},dns={}", to_text(p.hardware),
                                        net::to_string(p.address), settings_.own.prefix, own, own);
  if (::send(socket.get(), where.data(), where.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
  plug by(std::move(socket), form);
  p.plugged = &by;
  plugged_.notify_all();
  tell_(switch_control::attached{p.number});
  struct leaving {
    switchboard& board;
    place& p;
    plug& by;
    ~leaving() {
      p.plugged = nullptr;
      p.dropped += by.dropped() + by.malformed();
      std::erase(board.touched_, &by);
      board.plugged_.notify_all();
      if (!p.removed) board.tell_(switch_control::detached{p.number});
    }
  } at_the_end{*this, p, by};
  carry(p, by);
}

void switchboard::carry(place& from, plug& by) {
  task::scope both{"plug"};
  both.spawn("to a station", [&by] { by.carry_queue(); });
  for (;;) {
    const auto now = clock::now();
    const int got =
        by.receive(room_, [&](std::span<std::byte> message) { from_station(from, message, now); });
    flush();
    if (got < 0) return;
    if (by.has_more(got))
      task::yield();
    else
      by.await_frames();
  }
}

// --- Frames
// -------------------------------------------------------------------------------------------------

void switchboard::give(place& to, std::span<std::byte> message) {
  if (to.plugged == nullptr) {
    ++to.dropped;
    return;
  }
  ++to.frames_out;
  to.bytes_out += message.size() - header_size;
  if (to.plugged->add(message)) touched_.push_back(to.plugged);
}

/// A frame of our own making, without a header.
void switchboard::give_frame(place& to, std::span<const std::byte> frame) {
  std::vector<std::byte> message(header_size + frame.size());
  std::ranges::copy(frame, message.begin() + header_size);
  made_.push_back(std::move(message));
  give(to, made_.back());
}

void switchboard::flush() {
  for (plug* const p : touched_) p->flush();
  touched_.clear();
  made_.clear();
}

void switchboard::from_station(place& from, std::span<std::byte> message, frame_switch::time_point now) {
  const auto frame = message.subspan(header_size);
  ++from.frames_in;
  from.bytes_in += frame.size();
  const auto go = rules_.decide(from.port, frame, now);
  switch (go.to) {
    case place_of::nowhere: ++from.dropped; return;
    case place_of::port:
      if (place* const to = at_port(go.where)) {
        // Probes and questions do not count: an instance that only answers those is not used.
        from.last = to->last = now;
        give(*to, message);
      }
      return;
    case place_of::world:
      from.last = now;
      if (plug* const out = world_.reach(); out == nullptr)
        ++from.dropped;
      else if (out->add(message))
        touched_.push_back(out);
      return;
    case place_of::back: return give_frame(from, go.answer);
    case place_of::question: return ask_name(from, frame);
    case place_of::lease: return lease(from, frame);
    case place_of::own:
      if (!own_.deliver(message)) ++from.dropped;
      return;
  }
}

void switchboard::from_own(std::span<std::byte> message) {
  const auto go = rules_.decide_from_own(message.subspan(header_size));
  if (go.to == place_of::port) {
    if (place* const to = at_port(go.where)) give(*to, message);
  } else if (go.to == place_of::back) {
    std::vector<std::byte> reply(header_size + go.answer.size());
    std::ranges::copy(go.answer, reply.begin() + header_size);
    own_.deliver(reply);
  }
}

void switchboard::from_world(std::span<std::byte> message) {
  const auto go = rules_.decide_from_world(message.subspan(header_size), clock::now());
  if (go.to == place_of::port) {
    if (place* const to = at_port(go.where)) {
      to->last = clock::now();
      give(*to, message);
    }
  } else if (go.to == place_of::back) {
    std::vector<std::byte> reply(header_size + go.answer.size());
    std::ranges::copy(go.answer, reply.begin() + header_size);
    made_.push_back(std::move(reply));
    if (plug* const out = world_.reach(); out != nullptr && out->add(made_.back())) touched_.push_back(out);
  }
}

// --- Names and addresses
// --------------------------------------------------------------------------------------

void switchboard::send_datagram(place& to, std::uint16_t from_port, const datagram_end& end,
                                std::span<const std::byte> datagram) {
  give_frame(to, datagram_frame({own_hardware_, settings_.own.address.value, from_port}, end, datagram));
}

void switchboard::lease(place& from, std::span<const std::byte> frame) {
  const auto seen = frame_view::of(frame);
  const auto answer = lease_answer(
      seen->payload, {from.hardware, from.address.value, settings_.own.mask(), settings_.own.address.value});
  if (!answer) return;
  // Who has no address yet takes what is for everybody (RFC 2131 §4.1).
  constexpr hardware_address everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const bool has_none = seen->source == 0;
  send_datagram(from, 67, {has_none ? everybody : seen->from, has_none ? 0xffffffffu : seen->source, 68},
                *answer);
}

void switchboard::ask_name(place& from, std::span<const std::byte> frame) {
  const auto seen = frame_view::of(frame);
  auto asked = name_question::of(seen->payload);
  if (!asked) {
    ++from.dropped;
    return;
  }
  const datagram_end end{seen->from, seen->source, seen->source_port};
  const auto at_once = [&](name_verdict verdict) {
    send_datagram(from, 53, end, host::answer(*asked, verdict, {}, name_desk::lifetime));
  };
  if (asked->name.contains('.')) {  // no service's
    if (!from.world) return at_once(name_verdict::unknown);
    return relay_name(from, *seen, *asked);
  }
  // The network is of IPv4 alone, and for the wrong type nobody is woken.
  if (asked->type != name_question::type_a || !is_service_name(asked->name))
    return at_once(is_service_name(asked->name) ? name_verdict::found : name_verdict::unknown);
  const std::string name = asked->name;
  const auto taken = desk_.ask({from.number, end, *std::move(asked)}, clock::now());
  if (taken.id == 0) {
    ++from.dropped;
  } else if (taken.is_new) {
    asked_.notify_all();
    tell_(switch_control::question{taken.id, from.number, name});
  }
}

void switchboard::relay_name(place& from, const frame_view& seen, const name_question& asked) {
  if (relayed_ >= relay_limit) {
    ++from.dropped;
    return;
  }
  ++relayed_;
  fibers_.spawn("name of the world", [this, number = from.number,
                                      end = datagram_end{seen.from, seen.source, seen.source_port}, asked,
                                      datagram = std::vector(seen.payload.begin(), seen.payload.end())] {
    struct counted {
      std::size_t& n;
      ~counted() { --n; }
    } under_way{relayed_};
    const auto answer = ask_host_resolver(datagram);
    const auto at = places_.find(number);
    if (at == places_.end()) return;
    send_datagram(*at->second, 53, end,
                  answer ? *answer : host::answer(asked, name_verdict::failed, {}, name_desk::lifetime));
    flush();
  });
}

void switchboard::send(const std::vector<name_desk::reply>& replies) {
  for (const auto& r : replies)
    if (const auto at = places_.find(r.station); at != places_.end())
      send_datagram(*at->second, 53, r.to, r.datagram);
  flush();
}

void switchboard::expire_names() {
  for (;;) {
    const auto until = desk_.deadline();
    if (!until) {
      asked_.wait();
      continue;
    }
    if (const auto now = clock::now(); *until > now)
      task::sleep(std::chrono::duration_cast<task::duration>(*until - now));
    send(desk_.expire(clock::now()));
  }
}

// --- Connections of our own
// -----------------------------------------------------------------------------------

std::expected<net::stream, std::string> switchboard::dial(std::uint32_t station, std::uint16_t port,
                                                          task::time_point deadline, bool once) {
  auto breath = std::chrono::duration_cast<task::duration>(least_breath);
  std::string why = "no instance is plugged in";
  do {
    const auto at = places_.find(station);
    if (at == places_.end()) return std::unexpected("there is no such station");
    if (at->second->plugged == nullptr) {
      why = "no instance is plugged in";
      if (once || !plugged_.wait_until(deadline)) break;
      continue;
    }
    const net::endpoint there{at->second->address, port};
    // An attempt that gets no answer is given up soon: the first packet may have met nobody.
    const auto limit = once ? deadline : std::min(deadline, task::after(task::now(), handshake_patience));
    auto connected = task::until(limit, [&] { return stack_->connect(there); });
    if (connected && *connected) return std::move(**connected);
    why = !connected ? "it does not answer" : std::string(net::to_string(connected->error()));
    if (once) break;
    if (task::now() < deadline) task::sleep(breath);
    breath = std::min(2 * breath, std::chrono::duration_cast<task::duration>(most_breath));
  } while (task::now() < deadline);
  return std::unexpected(why);
}

}  // namespace aster::host
