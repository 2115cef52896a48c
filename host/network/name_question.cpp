#include "host/network/name_question.hpp"

#include <algorithm>

#include "host/network/network_order.hpp"

namespace aster::host {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t datagram_limit = 512;  // RFC 1035 §2.3.4
constexpr std::size_t label_limit = 63, name_limit = 253;
constexpr std::size_t record_size = 16;  // a pointer to the name, type, class, lifetime, length, an address

using bytes = std::span<const std::byte>;

}  // namespace

std::optional<name_question> name_question::of(bytes datagram) {
  if (datagram.size() < header_size) return std::nullopt;
  const std::uint16_t flags = read_half(datagram, 2);
  if ((flags & 0xf800) != 0) return std::nullopt;  // a response, or another kind of query
  if (read_half(datagram, 4) != 1) return std::nullopt;
  name_question q;
  q.id = read_half(datagram, 0);
  q.recursion_desired = (flags & 0x0100) != 0;
  std::size_t at = header_size;
  for (;;) {
    if (at >= datagram.size()) return std::nullopt;
    const auto size = std::to_integer<std::size_t>(datagram[at++]);
    if (size == 0) break;
    if (size > label_limit || at + size > datagram.size()) return std::nullopt;  // a question has no pointers
    if (!q.name.empty()) q.name += '.';
    for (const std::byte b : datagram.subspan(at, size)) {
      const auto c = std::to_integer<char>(b);
      const bool printable = c > ' ' && c < 0x7f && c != '.';
      if (!printable) return std::nullopt;
      q.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    at += size;
    if (q.name.size() > name_limit) return std::nullopt;
  }
  if (at + 4 > datagram.size() || read_half(datagram, at + 2) != 1) return std::nullopt;
  q.type = read_half(datagram, at);
  const bytes asked = datagram.subspan(header_size, at + 4 - header_size);
  q.question.assign(asked.begin(), asked.end());
  return q;
}

std::vector<std::byte> answer(const name_question& question, name_verdict verdict,
                              std::span<const std::uint32_t> addresses, std::chrono::seconds lifetime) {
  const std::size_t room = (datagram_limit - header_size - question.question.size()) / record_size;
  const bool gives = verdict == name_verdict::found && question.type == name_question::type_a;
  const std::size_t count = gives ? std::min(addresses.size(), room) : 0;
  unsigned code = 0;
  switch (verdict) {
    case name_verdict::found: code = 0; break;
    case name_verdict::failed: code = 2; break;
    case name_verdict::unknown: code = 3; break;
    case name_verdict::refused: code = 5; break;
  }
  std::vector<std::byte> out;
  out.reserve(datagram_limit);
  put_half(out, question.id);
  put_half(out, 0x8480u | (question.recursion_desired ? 0x0100u : 0u) |
                    code);  // response, authoritative, recursion available
  put_half(out, 1);
  put_half(out, static_cast<unsigned>(count));
  put_half(out, 0);
  put_half(out, 0);
  out.insert(out.end(), question.question.begin(), question.question.end());
  for (const std::uint32_t address : addresses.first(count)) {
    put_half(out, 0xc000 | header_size);
    put_half(out, name_question::type_a);
    put_half(out, 1);
    put_word(out, static_cast<std::uint32_t>(lifetime.count()));
    put_half(out, 4);
    put_word(out, address);
  }
  return out;
}

}  // namespace aster::host
