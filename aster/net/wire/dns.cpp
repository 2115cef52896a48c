#include "aster/net/wire/dns.hpp"

#include <algorithm>
#include <utility>

namespace aster::net::wire {
namespace {

constexpr std::uint16_t internet = 1, any_class = 255;
constexpr std::uint16_t top_bit = 0x8000;  // of a class, in mDNS: unicast wanted, cache flush
constexpr std::size_t record_head = 10;    // type, class, TTL, length

enum flag : std::uint16_t {
  response = 0x8000,
  authoritative = 0x0400,
  truncated = 0x0200,
  desired = 0x0100,
  available = 0x0080,
};

// --- Reading ----------------------------------------------------------------------------------------------

std::optional<dns_texts> read_texts(bytes data) {
  dns_texts texts;
  if (data.empty()) texts.strings.emplace_back();  // RFC 6763 §6.1: the same as one empty string
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t length = load8(data, at);
    if (at + 1 + length > data.size()) return std::nullopt;
    texts.strings.emplace_back(reinterpret_cast<const char*>(data.data()) + at + 1, length);
    at += 1 + length;
  }
  return texts;
}

// The window of the types below 256 (RFC 4034 §4.1.2).
std::optional<dns_kinds> read_kinds(bytes bitmap) {
  dns_kinds kinds;
  std::size_t next_window = 0;
  while (!bitmap.empty()) {
    if (bitmap.size() < 2) return std::nullopt;
    const std::size_t window = load8(bitmap, 0), length = load8(bitmap, 1);
    if (window < std::exchange(next_window, window + 1)) return std::nullopt;
    if (length < 1 || length > 32 || bitmap.size() < 2 + length) return std::nullopt;
    for (std::size_t bit = 0; window == 0 && bit < length * 8; ++bit)
      if ((load8(bitmap, 2 + bit / 8) & (0x80 >> bit % 8)) != 0)
        kinds.present.push_back(static_cast<dns_type>(bit));
    bitmap = bitmap.subspan(2 + length);
  }
  return kinds;
}

enum class reading { record, skipped, malformed };

// A record's data: `message` ends where it does, and it begins at `at`, so that names in it can point back.
reading read_data(bytes message, std::size_t at, dns_record& r) {
  const std::size_t end = message.size();
  const auto name = [&](std::size_t from) -> std::optional<dns_name> {
    auto n = dns_name::take(message, from);
    return n && from == end ? n : std::nullopt;
  };
  const auto keep = [&](auto&& value) {
    if (!value) return reading::malformed;
    r.data = *std::move(value);
    return reading::record;
  };
  switch (r.type) {
    case dns_type::a:
      if (end - at != 4) return reading::malformed;
      r.data = ip_address{ipv4_address{load32(message, at)}};
      return reading::record;
    case dns_type::aaaa: {
      if (end - at != 16) return reading::malformed;
      ipv6_address address;
      std::memcpy(address.bytes.data(), message.data() + at, 16);
      r.data = ip_address{address};
      // An IPv4 address in that disguise would be spoken to by another family than its record's.
      return address.is_v4_mapped() ? reading::skipped : reading::record;
    }
    case dns_type::ns:
    case dns_type::cname:
    case dns_type::ptr: return keep(name(at));
    case dns_type::srv: {
      if (end - at < 7) return reading::malformed;
      auto target = name(at + 6);
      if (!target) return reading::malformed;
      r.data = dns_service{load16(message, at), load16(message, at + 2), load16(message, at + 4),
                           *std::move(target)};
      return reading::record;
    }
    case dns_type::txt: return keep(read_texts(message.subspan(at)));
    case dns_type::soa:
      if (!dns_name::take(message, at) || !dns_name::take(message, at) || end - at != 20)
        return reading::malformed;
      r.data = dns_authority{load32(message, at + 16)};
      return reading::record;
    case dns_type::nsec:
      if (!dns_name::take(message, at)) return reading::malformed;
      return keep(read_kinds(message.subspan(at)));
    case dns_type::opt:
    case dns_type::any: break;
  }
  return reading::skipped;
}

bool read_section(bytes message, std::size_t& at, std::size_t count, dns& m,
                  std::vector<dns_record>& section) {
  for (; count > 0; --count) {
    dns_record r;
    auto name = dns_name::take(message, at);
    if (!name || message.size() - at < record_head) return false;
    r.name = *std::move(name);
    r.type = static_cast<dns_type>(load16(message, at));
    const std::uint16_t class_and_flush = load16(message, at + 2);
    const std::uint32_t ttl = load32(message, at + 4);
    const std::size_t begin = at + record_head, length = load16(message, at + 8);
    if (message.size() - begin < length) return false;
    at = begin + length;
    if (r.type == dns_type::opt) {
      if (m.payload_limit || !r.name.is_root()) return false;  // RFC 6891 §6.1.1
      m.payload_limit = class_and_flush;
      m.code = static_cast<dns_code>(std::to_underlying(m.code) | (ttl >> 24) << 4);
      continue;
    }
    if ((class_and_flush & ~top_bit) != internet) continue;
    r.ttl = ttl > 0x7fffffff ? 0 : ttl;  // RFC 2181 §8
    r.flush = (class_and_flush & top_bit) != 0;
    switch (read_data(message.first(at), begin, r)) {
      case reading::record: section.push_back(std::move(r)); break;
      case reading::skipped: break;
      case reading::malformed: return false;
    }
  }
  return true;
}

// --- Writing ----------------------------------------------------------------------------------------------

class writer {
 public:
  explicit writer(mutable_bytes out) : out_(out) {}

  void number8(std::size_t value) { number(static_cast<std::uint8_t>(value)); }
  void number16(std::size_t value) { number(static_cast<std::uint16_t>(value)); }
  void number32(std::size_t value) { number(static_cast<std::uint32_t>(value)); }

  void raw(const void* from, std::size_t size) {
    if (!fits(size)) return;
    if (size > 0) std::memcpy(out_.data() + at_, from, size);
    at_ += size;
  }

  void name(const dns_name& n) {
    std::string_view rest = n.labels();
    while (!rest.empty()) {
      if (const auto before = find(rest)) {
        number16(0xc000 | *before);
        return;
      }
      const std::size_t length = std::size_t{1} + static_cast<std::uint8_t>(rest[0]);
      if (at_ < 0x4000) suffixes_.push_back(static_cast<std::uint16_t>(at_));
      raw(rest.data(), length);
      rest.remove_prefix(length);
    }
    number8(0);
  }

  void data(const dns_record& r) {
    const std::size_t length_at = at_;
    number16(0);
    if (const auto* address = std::get_if<ip_address>(&r.data)) {
      const auto& b = address->bytes();
      r.type == dns_type::a ? raw(b.data() + 12, 4) : raw(b.data(), 16);
    } else if (const auto* target = std::get_if<dns_name>(&r.data)) {
      name(*target);
    } else if (const auto* service = std::get_if<dns_service>(&r.data)) {
      number16(service->priority);
      number16(service->weight);
      number16(service->port);
      name(service->target);  // RFC 6762 §18.14 allows a pointer here, and readers of unicast DNS take one
    } else if (const auto* texts = std::get_if<dns_texts>(&r.data)) {
      if (texts->strings.empty()) number8(0);
      for (const auto& s : texts->strings) {
        number8(std::min<std::size_t>(s.size(), 255));
        raw(s.data(), std::min<std::size_t>(s.size(), 255));
      }
    } else if (const auto* authority = std::get_if<dns_authority>(&r.data)) {
      name({});
      name({});
      for (int i = 0; i < 4; ++i) number32(0);
      number32(authority->minimum);
    } else if (const auto* kinds = std::get_if<dns_kinds>(&r.data)) {
      std::array<std::uint8_t, 32> bitmap{};
      std::size_t used = 0;
      for (const dns_type t : kinds->present) {
        const auto bit = std::to_underlying(t);
        if (bit > 255) continue;
        bitmap[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
        used = std::max<std::size_t>(used, bit / 8 + 1u);
      }
      name(r.name);
      if (used > 0) {
        number8(0);
        number8(used);
        raw(bitmap.data(), used);
      }
    }
    if (fits(0)) store16(out_, length_at, static_cast<std::uint16_t>(at_ - length_at - 2));
  }

  void section(const std::vector<dns_record>& records) {
    for (const auto& r : records) {
      name(r.name);
      number16(std::to_underlying(r.type));
      number16(internet | (r.flush ? top_bit : 0));
      number32(r.ttl);
      data(r);
    }
  }

  std::optional<std::size_t> size() const { return full_ ? std::nullopt : std::optional{at_}; }

 private:
  bool fits(std::size_t size) {
    full_ = full_ || out_.size() - at_ < size;
    return !full_;
  }

  template <typename Integer>
  void number(Integer value) {
    if (!fits(sizeof value)) return;
    store(out_, at_, value);
    at_ += sizeof value;
  }

  // Where the same labels stand already, letter by letter.
  std::optional<std::size_t> find(std::string_view labels) const {
    for (const std::uint16_t start : suffixes_) {
      std::size_t at = start;
      const auto there = dns_name::take(bytes{out_}.first(at_), at);
      if (there && there->labels() == labels) return start;
    }
    return std::nullopt;
  }

  mutable_bytes out_;
  std::size_t at_ = 0;
  bool full_ = false;
  std::vector<std::uint16_t> suffixes_;
};

}  // namespace

std::optional<dns> dns::parse(bytes message) {
  if (message.size() < header_size) return std::nullopt;
  dns m;
  m.id = load16(message, 0);
  const std::uint16_t flags = load16(message, 2);
  m.is_response = (flags & response) != 0;
  m.opcode = static_cast<std::uint8_t>(flags >> 11 & 15);
  m.is_authoritative = (flags & authoritative) != 0;
  m.is_truncated = (flags & truncated) != 0;
  m.recursion_desired = (flags & desired) != 0;
  m.recursion_available = (flags & available) != 0;
  m.code = static_cast<dns_code>(flags & 15);
  const std::size_t questions = load16(message, 4), answers = load16(message, 6),
                    authorities = load16(message, 8), additionals = load16(message, 10);
  if (questions > question_limit || answers + authorities + additionals > record_limit) return std::nullopt;
  std::size_t at = header_size;
  for (std::size_t i = 0; i < questions; ++i) {
    auto name = dns_name::take(message, at);
    if (!name || message.size() - at < 4) return std::nullopt;
    const auto type = static_cast<dns_type>(load16(message, at));
    const std::uint16_t question_class = load16(message, at + 2);
    at += 4;
    const auto plain = question_class & ~top_bit;
    if (plain == internet || plain == any_class)
      m.questions.push_back({*std::move(name), type, (question_class & top_bit) != 0});
  }
  // A server that cuts an answer short may do so anywhere (RFC 2181 §9): what it says besides is of no use.
  const bool complete = read_section(message, at, answers, m, m.answers) &&
                        read_section(message, at, authorities, m, m.authorities) &&
                        read_section(message, at, additionals, m, m.additionals);
  if (!complete && !(m.is_truncated && m.is_response)) return std::nullopt;
  return m;
}

std::optional<std::size_t> dns::emit(mutable_bytes out) const {
  writer w{out};
  w.number16(id);
  w.number16((is_response ? response : 0) | (opcode & 15) << 11 | (is_authoritative ? authoritative : 0) |
             (is_truncated ? truncated : 0) | (recursion_desired ? desired : 0) |
             (recursion_available ? available : 0) | (std::to_underlying(code) & 15));
  w.number16(questions.size());
  w.number16(answers.size());
  w.number16(authorities.size());
  w.number16(additionals.size() + (payload_limit ? 1 : 0));
  for (const auto& q : questions) {
    w.name(q.name);
    w.number16(std::to_underlying(q.type));
    w.number16(internet | (q.unicast_wanted ? top_bit : 0));
  }
  w.section(answers);
  w.section(authorities);
  w.section(additionals);
  if (payload_limit) {
    w.name({});
    w.number16(std::to_underlying(dns_type::opt));
    w.number16(*payload_limit);
    w.number32(std::size_t{std::to_underlying(code)} >> 4 << 24);
    w.number16(0);
  }
  return w.size();
}

}  // namespace aster::net::wire
