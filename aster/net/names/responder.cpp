#include "aster/net/names/responder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace aster::net::names {
namespace {

using std::chrono::milliseconds;
using wire::dns;
using wire::dns_name;
using wire::dns_record;
using wire::dns_type;

constexpr std::uint32_t host_ttl = 120, other_ttl = 4500;  // RFC 6762 §10
constexpr std::uint32_t legacy_ttl = 10;                   // §6.7
constexpr unsigned probes = 3, announcements = 2;
constexpr duration probe_interval = milliseconds{250}, announce_interval = std::chrono::seconds{1};
constexpr duration lost_pause = std::chrono::seconds{1};  // §8.2: the other may have gone by then
constexpr unsigned many_conflicts = 15;                   // §8.1
constexpr duration many_conflicts_pause = std::chrono::seconds{5};
constexpr duration repeat_after = std::chrono::seconds{1}, defend_after = milliseconds{250};  // §6
constexpr std::size_t reply_limit = 64;

dns_name local() { return *dns_name::parse("local"); }

// A record's data as it travels without pointers: what a tie is broken by (§8.2.1).
std::vector<std::byte> data_of(const dns_record& r) {
  dns m;
  m.answers.push_back(r);
  m.answers[0].name = {};
  std::vector<std::byte> bytes(1024);
  bytes.resize(m.emit(bytes).value_or(0));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<long>(std::min<std::size_t>(bytes.size(), 23)));
  return bytes;
}

bool same_record(const dns_record& a, const dns_record& b) {
  return a.type == b.type && a.name == b.name && a.data == b.data;
}

}  // namespace

responder::responder(std::string_view label, random_source& random) : random_(random), wished_(label) {
  if (!dns_name::with_label(label, local()))
    throw std::invalid_argument{"a name below .local has 1 to 63 bytes"};
  rename(1);
}

void responder::rename(unsigned number) {
  number_ = number;
  const std::string suffix = number == 1 ? "" : "-" + std::to_string(number);
  label_ = wished_.substr(0, dns_name::label_limit - suffix.size()) + suffix;
  host_ = *dns_name::with_label(label_, local());
  make_records();
}

void responder::make_records() {
  records_.clear();
  const auto add = [&](dns_name name, dns_type type, std::uint32_t ttl, bool is_shared, auto&& data) {
    const dns_record r{std::move(name), type, ttl, !is_shared, std::forward<decltype(data)>(data)};
    if (find(r) == nullptr) records_.push_back({r, is_shared});
  };
  wire::dns_kinds kinds;
  for (const dns_type type : {dns_type::a, dns_type::aaaa}) {
    const std::size_t before = records_.size();
    for (const auto& a : addresses_)
      if (a.is_v4() == (type == dns_type::a)) add(host_, type, host_ttl, false, a);
    if (records_.size() > before) kinds.present.push_back(type);
  }
  add(host_, dns_type::nsec, host_ttl, false, kinds);
  for (const auto& s : services_) {
    const dns_name type = *dns_name::parse(s.type + ".local");
    const dns_name instance = *dns_name::with_label(label_, type);
    add(instance, dns_type::srv, host_ttl, false, wire::dns_service{0, 0, s.port, host_});
    add(instance, dns_type::txt, other_ttl, false,
        wire::dns_texts{s.texts.empty() ? std::vector<std::string>{""} : s.texts});
    add(type, dns_type::ptr, other_ttl, true, instance);
    add(*dns_name::parse("_services._dns-sd._udp.local"), dns_type::ptr, other_ttl, true, type);
  }
}

void responder::announce(const local_service& service, time_point now) {
  const auto type = dns_name::parse(service.type + ".local");
  if (!type || type->label_count() != 3 ||
      !dns_name::with_label(std::string(dns_name::label_limit, 'x'), *type))
    throw std::invalid_argument{"`" + service.type + "` is no type of service: it should be like _http._tcp"};
  services_.push_back(service);
  make_records();
  if (state_ == state::probing || state_ == state::running) begin_probing(now, duration::zero());
}

void responder::set_addresses(const std::vector<ip_address>& addresses, time_point now) {
  if (addresses == addresses_ || state_ == state::stopped) return;
  addresses_ = addresses;
  make_records();
  replies_.clear();
  if (addresses.empty()) {
    state_ = state::waiting;
    step_ = never;
  } else if (state_ == state::running) {
    sent_ = 0;
    step_ = now;  // announced again (§8.4)
  } else {
    // So that machines which were switched on together do not all ask together (§8.1).
    begin_probing(now, milliseconds{random_.below(250)});
  }
}

// --- Claiming ---------------------------------------------------------------------------------------------

void responder::begin_probing(time_point now, duration after) {
  state_ = state::probing;
  sent_ = 0;
  replies_.clear();
  step_ = task::after(now, conflicts_ >= many_conflicts ? std::max(after, many_conflicts_pause) : after);
}

void responder::probe(time_point now) {
  dns m;
  for (const auto& o : records_) {
    if (o.is_shared || o.record.type == dns_type::nsec) continue;
    const bool known =
        std::ranges::any_of(m.questions, [&](const auto& q) { return q.name == o.record.name; });
    if (!known) m.questions.push_back({o.record.name, dns_type::any, true});
    m.authorities.push_back(o.record);
    m.authorities.back().flush = false;
  }
  out_.push_back({std::nullopt, std::move(m)});
  step_ = task::after(now, probe_interval);
}

void responder::conflict(time_point now) {
  ++conflicts_;
  rename(number_ + 1);
  begin_probing(now, duration::zero());
}

// Which of two that ask for a name at the same time has the greater records, of those of each name.
bool responder::loses_to(const dns& probe) const {
  for (const auto& q : probe.questions) {
    if (!is_ours(q.name)) continue;
    using comparable = std::pair<std::uint16_t, std::vector<std::byte>>;
    std::vector<comparable> ours, theirs;
    for (const auto& o : records_)
      if (o.record.name == q.name && o.record.type != dns_type::nsec)
        ours.emplace_back(std::to_underlying(o.record.type), data_of(o.record));
    for (const auto& r : probe.authorities)
      if (r.name == q.name) theirs.emplace_back(std::to_underlying(r.type), data_of(r));
    if (theirs.empty()) continue;
    std::ranges::sort(ours);
    std::ranges::sort(theirs);
    if (ours < theirs) return true;
  }
  return false;
}

void responder::announce_all() {
  dns m;
  m.is_response = m.is_authoritative = true;
  for (const auto& o : records_) m.answers.push_back(o.record);
  out_.push_back({std::nullopt, std::move(m)});
}

void responder::stop() {
  if (state_ == state::running) {
    dns m;
    m.is_response = m.is_authoritative = true;
    for (const auto& o : records_) {
      m.answers.push_back(o.record);
      m.answers.back().ttl = 0;  // §10.1
    }
    out_.push_back({std::nullopt, std::move(m)});
  }
  state_ = state::stopped;
  step_ = never;
  replies_.clear();
}

// --- Hearing ----------------------------------------------------------------------------------------------

bool responder::is_ours(const dns_name& name) const {
  return std::ranges::any_of(records_, [&](const owned& o) { return !o.is_shared && o.record.name == name; });
}

responder::owned* responder::find(const dns_record& r) {
  const auto at = std::ranges::find_if(records_, [&](const owned& o) { return same_record(o.record, r); });
  return at == records_.end() ? nullptr : &*at;
}

void responder::arrived(const endpoint& from, wire::bytes message, time_point now) {
  if (state_ != state::probing && state_ != state::running) return;
  const auto m = dns::parse(message);
  if (!m || m->opcode != 0 || m->code != wire::dns_code::no_error) return;  // §18.3, §18.11
  if (m->is_response) {
    if (from.port == dns::multicast_port) response_arrived(*m, now);
  } else {
    question_arrived(from, *m, now);
  }
}

void responder::response_arrived(const dns& m, time_point now) {
  for (const auto* section : {&m.answers, &m.authorities, &m.additionals}) {
    for (const auto& r : *section) {
      if (!is_ours(r.name) || find(r) != nullptr || r.ttl == 0) continue;
      if (state_ == state::probing) return conflict(now);
      // Of kinds that we have not said anything about, others may.
      const bool contradicts = std::ranges::any_of(records_, [&](const owned& o) {
        return !o.is_shared && o.record.name == r.name && o.record.type == r.type;
      });
      if (contradicts) return begin_probing(now, duration::zero());  // §9: then one of the two gives way
    }
  }
}

void responder::question_arrived(const endpoint& from, const dns& m, time_point now) {
  // What somebody knows already that we were about to tell, from a message that went on (§7.2).
  for (auto& r : replies_) {
    if (r.from != from) continue;
    std::erase_if(r.message.answers, [&](const dns_record& mine) {
      return std::ranges::any_of(m.answers, [&](const auto& known) { return same_record(mine, known); });
    });
  }
  if (state_ == state::probing) {
    if (!m.authorities.empty() && loses_to(m)) begin_probing(now, lost_pause);
    return;
  }
  reply r{.due = now, .from = from, .by_multicast = true, .defends = !m.authorities.empty(), .message = {}};
  const bool is_legacy = from.port != dns::multicast_port;
  bool is_shared = false;
  bool all_unicast = true;
  for (const auto& q : m.questions) {
    const std::size_t before = r.message.answers.size();
    add_answers(q, m, r, is_shared);
    if (r.message.answers.size() > before) all_unicast = all_unicast && q.unicast_wanted;
  }
  if (r.message.answers.empty() || replies_.size() >= reply_limit) return;
  r.by_multicast = !is_legacy && !all_unicast;
  r.message.is_response = r.message.is_authoritative = true;
  if (is_legacy) {
    r.message.id = m.id;
    r.message.questions = m.questions;
  } else if (m.is_truncated) {
    r.due = task::after(now, milliseconds{400 + random_.below(100)});  // §7.2
  } else if (is_shared) {
    r.due = task::after(now, milliseconds{20 + random_.below(100)});  // §6: others answer too
  }
  replies_.push_back(std::move(r));
  expired(now);
}

void responder::add_answers(const wire::dns_question& q, const dns& asked, reply& r, bool& is_shared) const {
  bool any = false;
  const auto add = [&](const owned& o) {
    any = true;
    is_shared = is_shared || o.is_shared;
    const bool is_known = std::ranges::any_of(asked.answers, [&](const dns_record& known) {
      return same_record(known, o.record) && known.ttl >= o.record.ttl / 2;  // §7.1
    });
    const bool is_there =
        std::ranges::any_of(r.message.answers, [&](const auto& a) { return same_record(a, o.record); });
    if (!is_known && !is_there) r.message.answers.push_back(o.record);
  };
  for (const auto& o : records_)
    if (o.record.name == q.name && (o.record.type == q.type || q.type == dns_type::any)) add(o);
  if (any) return;
  // The name is ours and has no such record (§6.1).
  for (const auto& o : records_)
    if (o.record.name == q.name && o.record.type == dns_type::nsec) add(o);
}

// What will be asked next (RFC 6763 §12).
void responder::add_additionals(dns& m) const {
  const auto add_all = [&](const dns_name& name) {
    for (const auto& o : records_) {
      if (o.record.name != name || o.is_shared) continue;
      const auto is_same = [&](const auto& other) { return same_record(other, o.record); };
      if (!std::ranges::any_of(m.answers, is_same) && !std::ranges::any_of(m.additionals, is_same))
        m.additionals.push_back(o.record);
    }
  };
  for (std::size_t i = 0, n = m.answers.size(); i < n; ++i) {
    const dns_record r = m.answers[i];
    if (r.type == dns_type::ptr) add_all(std::get<dns_name>(r.data));
    if (r.type == dns_type::ptr || r.type == dns_type::srv) add_all(host_);
    if (r.type == dns_type::a || r.type == dns_type::aaaa) add_all(host_);
  }
}

// --- Time -------------------------------------------------------------------------------------------------

void responder::send(reply& r, time_point now) {
  if (r.by_multicast) {
    const duration pause = r.defends ? defend_after : repeat_after;
    std::erase_if(r.message.answers, [&](const dns_record& a) {
      const owned* o = find(a);
      return o == nullptr || (o->multicast != time_point::min() && now - o->multicast < pause);
    });
    for (const auto& a : r.message.answers) find(a)->multicast = now;
  }
  if (r.message.answers.empty()) return;
  add_additionals(r.message);
  if (r.from.port != dns::multicast_port) {
    for (auto* section : {&r.message.answers, &r.message.additionals})
      for (auto& record : *section) {
        record.flush = false;
        record.ttl = std::min(record.ttl, legacy_ttl);
      }
  }
  out_.push_back({r.by_multicast ? std::nullopt : std::optional{r.from}, std::move(r.message)});
}

void responder::expired(time_point now) {
  while (step_ <= now) {
    if (state_ == state::probing) {
      if (sent_ < probes) {
        ++sent_;
        probe(now);
        continue;
      }
      state_ = state::running;
      sent_ = 0;
    }
    announce_all();
    step_ = ++sent_ < announcements ? task::after(now, announce_interval) : never;
  }
  for (std::size_t i = 0; i < replies_.size();) {
    if (replies_[i].due > now) {
      ++i;
      continue;
    }
    reply r = std::move(replies_[i]);
    replies_.erase(replies_.begin() + static_cast<long>(i));
    send(r, now);
  }
}

time_point responder::deadline() const {
  time_point first = step_;
  for (const auto& r : replies_) first = std::min(first, r.due);
  return first;
}

std::optional<responder::transmission> responder::next() {
  if (out_.empty()) return std::nullopt;
  auto t = std::move(out_.front());
  out_.pop_front();
  return t;
}

}  // namespace aster::net::names
