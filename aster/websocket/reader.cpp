#include "aster/websocket/reader.hpp"

#include <algorithm>

namespace aster::websocket {

reader::event reader::fail(close_code code, const char* why) {
  ended_ = true;
  code_ = code;
  failure_ = why;
  message_ = {};
  inflater_.reset();
  return event::failure;
}

reader::event reader::read(std::string_view& bytes) {
  while (!ended_) {
    if (!is_in_payload_) {
      if (!read_header(bytes)) return ended_ ? event::failure : event::nothing;
      if (!begin_frame()) return event::failure;
      is_in_payload_ = true;
    }
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - got_, bytes.size()));
    const bool went_well = read_payload(bytes.substr(0, size));
    bytes.remove_prefix(size);
    if (!went_well) return event::failure;
    got_ += size;
    if (got_ != size_) return event::nothing;
    is_in_payload_ = false;
    header_got_ = 0;
    if (const event e = end_frame(); e != event::nothing) return e;
  }
  return event::nothing;
}

/// As far as is known: two bytes say how many there are.
std::size_t reader::header_size() const {
  std::size_t size = 2;
  if (header_got_ < 2) return size;
  const int short_size = header_[1] & 0x7f;
  size += short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  return size + (is_masked() ? key_.size() : 0);
}

/// True when it is whole and allowed.
bool reader::read_header(std::string_view& bytes) {
  while (header_got_ < header_size()) {
    if (bytes.empty()) return false;
    header_[header_got_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_got_ == 2 && !check_start()) return false;
  }
  return check_size();
}

/// The first two bytes (RFC 6455 §5.2, §5.4, §5.5).
bool reader::check_start() {
  const auto wrong = [this](const char* why) {
    fail(close_code::protocol_error, why);
    return false;
  };
  if (header_[0] & 0x30) return wrong("a reserved bit is set");
  if (((header_[1] & 0x80) != 0) != is_masked())
    return wrong(is_masked() ? "a client's frames are masked" : "a server's frames are not masked");
  switch (opcode()) {
    case opcode::continuation:
      if (!is_in_message_) return wrong("there is no message to go on with");
      if (has_rsv1()) return wrong("only a message's first frame says that it is compressed");
      return true;
    case opcode::text:
    case opcode::binary:
      if (is_in_message_) return wrong("a message begins inside of another");
      if (has_rsv1() && !compressed_) return wrong("compression was not agreed on");
      return true;
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      if (has_rsv1()) return wrong("control frames are not compressed");
      if (!is_last()) return wrong("control frames have no parts");
      if ((header_[1] & 0x7f) > most_control_bytes) return wrong("a control frame has at most 125 bytes");
      return true;
  }
  return wrong("an unknown kind of frame");
}

bool reader::check_size() {
  const int short_size = header_[1] & 0x7f;
  const std::size_t bytes = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  size_ = bytes == 0 ? static_cast<std::uint64_t>(short_size) : 0;
  for (std::size_t i = 0; i < bytes; ++i) size_ = size_ << 8 | header_[2 + i];
  if (is_masked()) std::copy_n(header_.begin() + 2 + bytes, key_.size(), key_.begin());
  if (size_ >> 63) {
    fail(close_code::protocol_error, "the highest bit of a length is 0");
    return false;
  }
  if ((bytes == 2 && size_ <= 125) || (bytes == 8 && size_ <= 0xffff)) {
    fail(close_code::protocol_error, "a length takes as few bytes as it can");
    return false;
  }
  return true;
}

bool reader::begin_frame() {
  got_ = 0;
  if (is_control(opcode())) {
    control_begin_ = 0;
    control_size_ = static_cast<std::uint8_t>(size_);
    return true;
  }
  if (opcode() != opcode::continuation) {
    is_in_message_ = true;
    type_ = opcode() == opcode::text ? message_type::text : message_type::binary;
    is_compressed_ = has_rsv1();
    if (is_compressed_ && !inflater_) inflater_.emplace(compressed_->window, compressed_->keeps_context);
    message_.clear();
    message_wire_size_ = 0;
    utf8_ = {};
  }
  // What cannot be compressed has a few bytes more than before. Many more, and they only waste time.
  const auto on_the_wire = [this](std::uint64_t size) {
    return is_compressed_ ? size + size / 8 + 64 : size;
  };
  if (size_ > on_the_wire(limits_.frame) || size_ > on_the_wire(limits_.message) - message_wire_size_) {
    fail(close_code::message_too_big, "the message is too large");
    return false;
  }
  message_wire_size_ += size_;
  return true;
}

bool reader::read_payload(std::string_view piece) {
  if (is_control(opcode())) {
    char* const to = control_.data() + got_;
    if (is_masked())
      apply_mask(key_, got_, piece.data(), to, piece.size());
    else
      std::copy(piece.begin(), piece.end(), to);
    return true;
  }
  if (is_compressed_) return read_compressed(piece);
  const std::size_t before = message_.size();
  if (is_masked())
    message_.resize_and_overwrite(before + piece.size(), [&](char* text, std::size_t size) {
      apply_mask(key_, got_, piece.data(), text + before, piece.size());
      return size;
    });
  else
    message_.append(piece);
  if (type_ != message_type::text || utf8_.accepts(std::string_view{message_}.substr(before))) return true;
  fail(close_code::invalid_payload, "the text is no UTF-8");
  return false;
}

bool reader::read_compressed(std::string_view piece) {
  std::array<char, 1024> unmasked;
  for (std::uint64_t position = got_; !piece.empty();) {
    std::string_view part = piece.substr(0, unmasked.size());
    piece.remove_prefix(part.size());
    if (is_masked()) {
      apply_mask(key_, position, part.data(), unmasked.data(), part.size());
      position += part.size();
      part = {unmasked.data(), part.size()};
    }
    const std::size_t before = message_.size();
    if (!check_inflated(inflater_->inflate(part, message_, limits_.message), before)) return false;
  }
  return true;
}

bool reader::check_inflated(inflater::result r, std::size_t before) {
  if (type_ == message_type::text && !utf8_.accepts(std::string_view{message_}.substr(before)))
    fail(close_code::invalid_payload, "the text is no UTF-8");
  else if (r == inflater::result::malformed)
    fail(close_code::invalid_payload, "the message cannot be decompressed");
  else if (r == inflater::result::too_large)
    fail(close_code::message_too_big, "the message is too large");
  return !ended_;
}

reader::event reader::end_frame() {
  switch (opcode()) {
    case opcode::continuation:
    case opcode::text:
    case opcode::binary: return is_last() ? end_message() : event::nothing;
    case opcode::ping: return event::ping;
    case opcode::pong: return event::pong;
    case opcode::close: return end_close();
  }
  return event::nothing;  // check_start has let no other pass
}

reader::event reader::end_message() {
  is_in_message_ = false;
  if (is_compressed_) {
    const std::size_t before = message_.size();
    if (!check_inflated(inflater_->finish(message_, limits_.message), before)) return event::failure;
    if (!compressed_->keeps_context) inflater_.reset();
  }
  if (type_ == message_type::text && !utf8_.is_complete())
    return fail(close_code::invalid_payload, "the text ends inside of a character");
  return event::message;
}

/// §5.5.1, §7.4.
reader::event reader::end_close() {
  if (control_size_ == 1) return fail(close_code::protocol_error, "a close code has two bytes");
  std::uint16_t said = number(close_code::none);
  if (control_size_ >= 2) {
    said = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 |
                                      static_cast<std::uint8_t>(control_[1]));
    control_begin_ = 2;
    control_size_ = static_cast<std::uint8_t>(control_size_ - 2);
    if (!may_be_sent(said)) return fail(close_code::protocol_error, "this close code is not sent");
    if (!is_utf8(control())) return fail(close_code::invalid_payload, "the reason is no UTF-8");
  }
  ended_ = true;
  code_ = static_cast<close_code>(said);
  message_ = {};
  inflater_.reset();
  return event::close;
}

}  // namespace aster::websocket
