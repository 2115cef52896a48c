#include "aster/websocket/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

namespace aster::websocket {
namespace {

/// What every flush ends with: an empty block, stored. It is not sent (RFC 7692 §7.2.1).
constexpr std::string_view tail{"\0\0\xff\xff", 4};

/// A message may have a block that says that it is the last (§7.2.3.4), and begin behind one that did. There
/// the window is copied, which must not be had for two bytes each.
constexpr int most_restarts = 2;

constexpr std::size_t growth = 16 * 1024;  // bytes that are asked of zlib at once

Bytef* bytes_of(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

void require_ok(int result) {
  if (result == Z_MEM_ERROR) throw std::bad_alloc{};
  if (result != Z_OK) throw std::logic_error("websocket: zlib does not take these settings");
}

}  // namespace

inflater::inflater(window_bits window, bool keeps_context)
    : stream_(new z_stream_s{}), keeps_context_(keeps_context) {
  require_ok(inflateInit2(stream_.get(), -window));  // negative: raw, without zlib's own frame
}
inflater::~inflater() = default;
inflater::inflater(inflater&&) noexcept = default;
inflater& inflater::operator=(inflater&&) noexcept = default;
void inflater::end::operator()(z_stream_s* s) const {
  inflateEnd(s);
  delete s;
}

inflater::result inflater::inflate(std::string_view part, std::string& out, std::size_t limit) {
  if (part.empty()) return result::ok;
  is_empty_ = false;
  z_stream& s = *stream_;
  s.next_in = bytes_of(part.data());
  s.avail_in = static_cast<uInt>(part.size());
  bool out_was_full = false;
  while (s.avail_in > 0 || out_was_full) {
    if (ended_ && !go_on_behind_last_block()) return result::malformed;
    const std::size_t before = out.size();
    const std::size_t room = std::min(growth, limit + 1 - before);
    int said = Z_OK;
    out.resize_and_overwrite(before + room, [&](char* text, std::size_t) {
      s.next_out = bytes_of(text + before);
      s.avail_out = static_cast<uInt>(room);
      said = ::inflate(&s, Z_SYNC_FLUSH);
      return before + room - s.avail_out;
    });
    if (said == Z_MEM_ERROR) throw std::bad_alloc{};
    if (out.size() > limit) return result::too_large;  // also when it is malformed behind that
    if (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR) return result::malformed;
    ended_ = said == Z_STREAM_END;
    out_was_full = s.avail_out == 0 && !ended_;
  }
  return result::ok;
}

/// Makes ready for the block behind one that was said to be the last, which may refer to what was before it.
bool inflater::go_on_behind_last_block() {
  if (++restarts_ > most_restarts) return false;
  uInt size = 0;
  inflateGetDictionary(stream_.get(), nullptr, &size);
  std::string window(size, '\0');
  inflateGetDictionary(stream_.get(), bytes_of(window.data()), &size);
  inflateReset(stream_.get());
  if (size > 0) inflateSetDictionary(stream_.get(), bytes_of(window.data()), size);
  ended_ = false;
  return true;
}

inflater::result inflater::finish(std::string& out, std::size_t limit) {
  // Nothing at all is what some make of an empty message that follows another.
  if (!is_empty_ && !ended_) {
    if (const result r = inflate(tail, out, limit); r != result::ok) return r;
    constexpr int between_blocks = 128, bits_left = 7;
    if (!(stream_->data_type & between_blocks) || stream_->data_type & bits_left) return result::malformed;
  }
  if (!keeps_context_) {
    inflateReset(stream_.get());
    ended_ = false;
  }
  is_empty_ = true;
  restarts_ = 0;
  return result::ok;
}

deflater::deflater(window_bits window, bool keeps_context)
    : stream_(new z_stream_s{}), keeps_context_(keeps_context) {
  // Memory (zconf.h): 4 bytes for each of the window, and 2^(level + 9), which is as much for 12 bits.
  constexpr int memory_level = 5;
  require_ok(deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window, memory_level,
                          Z_DEFAULT_STRATEGY));
}
deflater::~deflater() = default;
deflater::deflater(deflater&&) noexcept = default;
deflater& deflater::operator=(deflater&&) noexcept = default;
void deflater::end::operator()(z_stream_s* s) const {
  deflateEnd(s);
  delete s;
}

void deflater::deflate(std::string_view message, std::string& out) {
  if (message.empty()) {  // zlib has nothing to flush (RFC 7692 §7.2.3.6)
    out += '\0';
    return;
  }
  z_stream& s = *stream_;
  s.next_in = bytes_of(message.data());
  s.avail_in = static_cast<uInt>(message.size());
  do {
    const std::size_t before = out.size();
    const std::size_t room = std::clamp<std::size_t>(message.size() / 2, 64, growth);
    out.resize_and_overwrite(before + room, [&](char* text, std::size_t) {
      s.next_out = bytes_of(text + before);
      s.avail_out = static_cast<uInt>(room);
      ::deflate(&s, Z_SYNC_FLUSH);
      return before + room - s.avail_out;
    });
  } while (s.avail_out == 0);
  out.resize(out.size() - tail.size());
  if (!keeps_context_) deflateReset(&s);
}

}  // namespace aster::websocket
