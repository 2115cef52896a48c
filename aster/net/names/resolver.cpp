#include "aster/net/names/resolver.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "aster/net/datagram_socket.hpp"
#include "aster/net/stream_socket.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"

namespace aster::net::names {
namespace {

constexpr duration address_patience = std::chrono::seconds{30};
constexpr ip_address local_groups[] = {ipv4_address{224, 0, 0, 251},
                                       ipv6_address{0xff02, 0, 0, 0, 0, 0, 0, 0xfb}};
constexpr std::array local_patience{duration{std::chrono::milliseconds{500}},
                                    duration{std::chrono::seconds{1}},
                                    duration{std::chrono::milliseconds{1500}}};
constexpr duration local_absence = std::chrono::seconds{1};  // so long is remembered that nobody answered

// Puts the current attempt and hands over what comes back, until there is another attempt or a result. A port
// of its own for each: whoever would answer in the server's place has to guess it (RFC 5452 §9.2).
void by_datagram(const std::shared_ptr<stack_core>& core, query& q) {
  const unsigned number = q.current()->number;
  const endpoint server{q.current()->server, wire::dns::port};
  udp_port* port = core->engine().udp().bind(0);
  if (port == nullptr) return q.failed(task::now());
  datagram_socket socket{core, *port};
  socket.connect(server);
  if (!socket.send(q.current()->message)) return q.failed(task::now());
  while (q.current() != nullptr && q.current()->number == number) {
    const auto d = socket.receive();
    if (!d) return q.failed(task::now());
    q.arrived(d->from.address, d->payload, task::now());
  }
}

// Reads until `out` is full.
bool read_all(stream_socket& s, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto n = s.read(out);
    if (!n || *n == 0) return false;
    out = out.subspan(*n);
  }
  return true;
}

// Over a stream each message stands behind its length (RFC 1035 §4.2.2, RFC 7766 §8).
void by_stream(const std::shared_ptr<stack_core>& core, query& q) {
  const ip_address server = q.current()->server;
  const auto socket = open_connection(core, {server, wire::dns::port});
  if (!socket) return q.failed(task::now());
  std::vector<std::byte> message(2);
  wire::store16(message, 0, static_cast<std::uint16_t>(q.current()->message.size()));
  message.insert(message.end(), q.current()->message.begin(), q.current()->message.end());
  std::array<std::byte, 2> size;
  if (!(*socket)->write(message) || !read_all(**socket, size)) return q.failed(task::now());
  message.resize(wire::load16(size, 0));
  if (!read_all(**socket, message)) return q.failed(task::now());
  q.arrived(server, message, task::now());
}

}  // namespace

resolver::resolver(stack_core& core) : random_(fresh_entropy()) {
  for (const auto& known : core.hosts) {
    const auto name = wire::dns_name::parse(known.name);
    if (!name) throw std::invalid_argument{"`" + known.name + "` can be no host's name"};
    settings_.hosts.push_back({*name, known.address});
  }
}

const settings& resolver::settings(const stack_core& core) {
  settings_.search.clear();
  for (const std::string& text : core.engine().search_domains())
    if (const auto domain = wire::dns_name::parse(text); domain && !domain->is_root())
      settings_.search.push_back(*domain);
  return settings_;
}

resolver& resolver::of(stack_core& core) {
  if (!core.names) core.names = std::make_unique<resolver>(core);
  return static_cast<resolver&>(*core.names);
}

std::vector<ip_address> resolver::servers(const stack_core& core) const {
  std::vector<ip_address> all = core.engine().all_name_servers();
  // Those that we cannot speak to now would cost their patience.
  std::erase_if(all, [&](const ip_address& server) { return !core.engine().routes().source_for(server); });
  if (preferred_)
    if (const auto at = std::ranges::find(all, *preferred_); at != all.end())
      std::rotate(all.begin(), at, at + 1);
  return all;
}

finding resolver::ask(const std::shared_ptr<stack_core>& core, const wire::dns_name& name,
                      wire::dns_type type) {
  const time_point patience = task::now() + address_patience;
  if (is_local(name)) {
    if (!core->wait_until(patience, [&] { return core->has_address(); })) return {};
    return ask_neighbours(core, name, type);
  }
  // Whoever has an address but no server yet may hear of one by the other family.
  if (!core->wait_until(patience, [&] { return !servers(*core).empty() || core->is_settled(); })) return {};
  query q{name, type, servers(*core), random_, task::now()};
  while (const query::attempt* a = q.current()) {
    const bool in_time =
        task::until(q.deadline(), [&] { a->by_tcp ? by_stream(core, q) : by_datagram(core, q); }).has_value();
    if (!in_time) q.expired(task::now());
  }
  if (q.result()->is != finding::kind::failed) preferred_ = q.answered_by();
  return q.take_result();
}

// One question to everybody on the link, from a port of its own: whoever has the name answers to that port
// alone (RFC 6762 §5.1, §6.7). Nobody says that there is no such name.
finding resolver::ask_neighbours(const std::shared_ptr<stack_core>& core, const wire::dns_name& name,
                                 wire::dns_type type) {
  udp_port* port = core->engine().udp().bind(0);
  if (port == nullptr) return {};
  datagram_socket socket{core, *port};
  wire::dns question;
  question.id = static_cast<std::uint16_t>(random_.next32());
  question.questions.push_back({name, type});
  std::array<std::byte, 512> message;
  const std::size_t size = question.emit(message).value_or(0);
  finding found{.is = finding::kind::no_such_name, .records = {}, .lifetime = local_absence};
  // Hears until there is an answer, or the socket fails.
  const auto hear = [&] {
    while (const auto d = socket.receive()) {
      if (!core->engine().is_on_link(d->from.address)) continue;  // RFC 6762 §11
      const auto answer = wire::dns::parse(d->payload);
      if (!answer || !answer->is_response || answer->id != question.id) continue;
      const reading r = read_answer(*answer, name, type);
      if (r.is == reading::kind::conclusive && r.about.is == finding::kind::found) {
        found = r.about;
        return;
      }
      // The name's owner says that it has others (RFC 6762 §6.1).
      for (const auto& record : answer->answers) {
        if (record.type != wire::dns_type::nsec || record.name != name) continue;
        found.is = finding::kind::no_data;
        return;
      }
    }
  };
  for (const duration patience : local_patience) {
    bool sent = false;
    for (const ip_address& group : local_groups)
      if (core->engine().routes().source_for(group))
        sent =
            socket.send_to({group, wire::dns::multicast_port}, std::span{message}.first(size)).has_value() ||
            sent;
    if (!sent) break;
    if (task::within(patience, hear)) break;
  }
  return found;
}

finding resolver::look_up(const std::shared_ptr<stack_core>& core, const wire::dns_name& name,
                          wire::dns_type type) {
  for (;;) {
    if (const finding* known = cache_.find(name, type, task::now())) return *known;
    const auto under_way =
        std::ranges::find_if(flights_, [&](const auto& f) { return f->type == type && f->name == name; });
    if (under_way == flights_.end()) break;
    const std::shared_ptr<flight> shared = *under_way;
    shared->landed.wait();
    if (shared->result) return *shared->result;
  }
  const auto mine = flights_.emplace_back(std::make_shared<flight>(name, type));
  struct landing {
    resolver& of;
    const std::shared_ptr<flight>& flight;
    ~landing() {
      std::erase(of.flights_, flight);
      flight->landed.notify_all();
    }
  } at_end{*this, mine};
  mine->result = ask(core, name, type);
  cache_.keep(name, type, *mine->result, task::now());
  return *mine->result;
}

std::expected<std::vector<ip_address>, error> resolver::addresses(const std::shared_ptr<stack_core>& core,
                                                                  std::string_view text) {
  auto h = read_host(text, settings(*core));
  if (!h) return std::unexpected{h.error()};
  if (!h->addresses.empty()) return in_order(*core, h->addresses);
  error why = error::unknown_name;
  for (const auto& name : h->questions) {
    // Both families at once.
    finding v6;
    task::scope asking{"names"};
    asking.spawn("AAAA", [&] { v6 = look_up(core, name, wire::dns_type::aaaa); });
    const finding v4 = look_up(core, name, wire::dns_type::a);
    asking.join();
    std::vector<ip_address> found;
    add_addresses(v6, found);
    add_addresses(v4, found);
    if (!found.empty()) return in_order(*core, found);
    // No answer about one family is no answer: the name may have had addresses of it.
    why = v4.is == finding::kind::failed ? error_of(v4) : error_of(v6);
    if (why != error::unknown_name) break;
  }
  return std::unexpected{why};
}

void add_addresses(const finding& found, std::vector<ip_address>& to) {
  for (const auto& r : found.records)
    if (const auto* a = std::get_if<ip_address>(&r.data)) to.push_back(*a);
}

std::vector<ip_address> in_order(const stack_core& core, const std::vector<ip_address>& addresses) {
  std::vector<candidate> candidates;
  for (const auto& a : addresses) candidates.push_back({a, core.engine().routes().source_for(a)});
  order(candidates);
  std::vector<ip_address> ordered;
  for (const auto& c : candidates) ordered.push_back(c.destination);
  return ordered;
}

error error_of(const finding& f) {
  if (f.is != finding::kind::failed) return error::unknown_name;
  return f.silence ? error::timed_out : error::unreachable;
}

}  // namespace aster::net::names
