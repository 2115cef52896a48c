#include "aster/net/names/query.hpp"

#include <algorithm>
#include <utility>

namespace aster::net::names {

namespace {
// So long is remembered that nobody would answer (RFC 9520 §3.2: one second at least).
constexpr duration failure_lifetime = std::chrono::seconds{2};
}  // namespace

query::query(wire::dns_name name, wire::dns_type type, std::vector<ip_address> servers, random_source& random,
             time_point now)
    : name_(std::move(name)), type_(type), servers_(std::move(servers)), random_(random) {
  if (servers_.empty()) {
    conclude({});
  } else {
    ask(false, now);
  }
}

void query::ask(bool by_tcp, time_point now) {
  attempt_.server = servers_[turn_ % servers_.size()];
  attempt_.by_tcp = by_tcp;
  ++attempt_.number;
  wrong_ = 0;
  id_ = static_cast<std::uint16_t>(random_.next32());
  asked_ = name_.with_case([&] { return random_.next(); });
  wire::dns m;
  m.id = id_;
  m.recursion_desired = true;
  m.questions.push_back({asked_, type_});
  if (with_edns_) m.payload_limit = payload_limit;
  attempt_.message.resize(wire::dns::header_size + wire::dns_name::size_limit + 4 + 11);
  attempt_.message.resize(m.emit(attempt_.message).value_or(0));
  deadline_ = task::after(now, by_tcp ? stream_patience : first_patience * (1 << turn_ / servers_.size()));
}

void query::next(time_point now) {
  with_edns_ = true;
  if (++turn_ < rounds * servers_.size()) {
    ask(false, now);
  } else {
    conclude({.is = finding::kind::failed, .records = {}, .lifetime = failure_lifetime, .silence = !heard_});
  }
}

void query::conclude(finding f) {
  f.lifetime = std::min(f.lifetime, lifetime_);
  deadline_ = never;
  result_ = std::move(f);
}

void query::arrived(const ip_address& from, wire::bytes message, time_point now) {
  if (result_) return;
  const auto answer = wire::dns::parse(message);
  const bool matches = from == attempt_.server && answer && answer->is_response && answer->opcode == 0 &&
                       answer->id == id_ &&
                       // A server that does not understand a question need not repeat it.
                       (answer->questions.size() == 1 ||
                        (answer->questions.empty() && answer->code == wire::dns_code::format_error)) &&
                       (answer->questions.empty() ||
                        (answer->questions[0].name == asked_ && answer->questions[0].type == type_));
  if (!matches) {
    ++wrong_in_all_;
    // Over a stream nobody else speaks: the server makes no sense.
    if (attempt_.by_tcp) return next(now);
    if (++wrong_ >= wrong_answers) ask(true, now);
    return;
  }
  // A guess that was nearly right, or a server that folds names: a stream tells.
  if (!attempt_.by_tcp && !answer->questions.empty() && !answer->questions[0].name.is_exactly(asked_)) {
    ++wrong_in_all_;
    return ask(true, now);
  }
  if (answer->is_truncated) return attempt_.by_tcp ? next(now) : ask(true, now);
  heard_ = true;
  if (with_edns_ && !answer->payload_limit &&
      (answer->code == wire::dns_code::format_error || answer->code == wire::dns_code::not_implemented)) {
    with_edns_ = false;  // an old server (RFC 6891 §6.2.2)
    return ask(attempt_.by_tcp, now);
  }
  reading r = read_answer(*answer, name_, type_);
  switch (r.is) {
    case reading::kind::conclusive: conclude(std::move(r.about)); return;
    case reading::kind::continued:
      lifetime_ = std::min(lifetime_, r.lifetime);
      if (++aliases_ > alias_limit) return next(now);
      name_ = std::move(r.next);
      turn_ %= servers_.size();
      ask(false, now);
      return;
    case reading::kind::unusable: next(now); return;
  }
}

void query::failed(time_point now) {
  if (!result_) next(now);
}

void query::expired(time_point now) {
  if (!result_ && now >= deadline_) next(now);
}

}  // namespace aster::net::names
