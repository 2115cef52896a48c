#include "aster/http/body_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "aster/http/failure.hpp"

namespace aster::http {
namespace {
constexpr std::size_t kept_capacity = 4 * 1024;  // of collected content, from request to request
constexpr std::size_t least_growth = 1024;
}  // namespace

void body_reader::begin(const request_head& head) {
  decoder_.begin(head);
  piece_ = {};
  all_ = {};
  has_all_ = false;
  if (collected_.capacity() > kept_capacity) collected_ = {};
  limit_ = limits_.body;
  taken_ = 0;
  continue_wanted_ = head.expects_continue;
  broken_ = false;
}

void body_reader::give_up(status why) {
  broken_ = true;
  throw failure{why};
}

void body_reader::require(arrival result) {
  switch (result) {
    case arrival::data: return;
    case arrival::timed_out: give_up(status::request_timeout);
    case arrival::end:
    case arrival::lost: broken_ = true; throw disconnected{};
  }
}

void body_reader::take(std::size_t bytes) {
  taken_ += bytes;
  if (taken_ > limit_) give_up(status::content_too_large);
}

/// Before the client is waited for: says what it may be waiting for itself.
void body_reader::ask_for_content() {
  if (taken_ + decoder_.known_left() > limit_) give_up(status::content_too_large);
  if (continue_wanted_ && in_.bytes().empty()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  continue_wanted_ = false;  // also when the client did not wait (RFC 9110 §10.1.1)
}

std::string_view body_reader::next() {
  while (piece_.empty() && !decoder_.finished()) {
    const auto step = decoder_.decode(in_.bytes());
    in_.consume(step.consumed);
    piece_ = step.content;
    if (step.result == progress::failed) give_up(decoder_.failure());
    if (!piece_.empty() || step.result == progress::complete) break;
    ask_for_content();
    require(in_.fill(limits_.content));
  }
  take(piece_.size());
  return std::exchange(piece_, {});
}

std::size_t body_reader::read_past(std::span<std::byte> out) {
  ask_for_content();
  std::size_t size = 0;
  require(in_.read_past(out.first(std::min<std::uint64_t>(out.size(), decoder_.contiguous())), size,
                        limits_.content));
  decoder_.skip(size);
  take(size);
  return size;
}

std::size_t body_reader::read(std::span<std::byte> out) {
  if (out.empty()) return 0;
  if (piece_.empty()) {
    if (in_.bytes().empty() && decoder_.contiguous() > 0) return read_past(out);
    piece_ = next();
  }
  const std::string_view part = piece_.substr(0, out.size());
  if (!part.empty()) std::memcpy(out.data(), part.data(), part.size());
  piece_.remove_prefix(part.size());
  return part.size();
}

std::string_view body_reader::all() {
  if (has_all_) return all_;
  all_ = piece_.empty() ? next() : std::exchange(piece_, {});
  if (!decoder_.finished()) {
    collected_.assign(all_);
    while (!decoder_.finished()) {
      if (!in_.bytes().empty() || decoder_.contiguous() == 0) {
        collected_.append(next());
        continue;
      }
      // Memory grows with what has come, not with what was announced.
      const std::size_t held = collected_.size();
      const std::uint64_t room = std::min<std::uint64_t>(decoder_.contiguous(), std::max(held, least_growth));
      collected_.resize(held + static_cast<std::size_t>(room));
      const std::size_t size = read_past(std::as_writable_bytes(std::span{collected_}.subspan(held)));
      collected_.resize(held + size);
    }
    all_ = collected_;
  }
  has_all_ = true;
  return all_;
}

bool body_reader::skip() {
  piece_ = {};
  limit_ = taken_ + limits_.unread;
  try {
    while (!decoder_.finished()) next();
  } catch (const failure&) {
    return false;
  } catch (const disconnected&) {
    return false;
  }
  return true;
}

void body_reader::release_memory() {
  collected_ = {};
  decoder_.release_memory();
}

}  // namespace aster::http
