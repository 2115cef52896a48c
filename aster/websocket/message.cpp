#include "aster/websocket/message.hpp"

#include <stdexcept>

namespace aster::websocket {

prepared_message::prepared_message(message_type type, std::string_view data) : type_(type), data_(data) {
  if (type == message_type::text && !is_utf8(data))
    throw std::invalid_argument("websocket: a text is UTF-8; send bytes as such");
}

const shared_bytes& prepared_message::plain() {
  if (!plain_) {
    std::string frame;
    append_frame(frame, type_ == message_type::text ? opcode::text : opcode::binary, data_);
    plain_ = std::make_shared<const std::string>(std::move(frame));
  }
  return plain_;
}

const shared_bytes& prepared_message::compressed(window_bits window) {
  if (!compressed_ || compressed_for_ != window) {
    std::string small;
    deflater{window, false}.deflate(data_, small);
    compressed_for_ = window;
    if (small.size() < data_.size()) {
      std::string frame;
      append_frame(frame, type_ == message_type::text ? opcode::text : opcode::binary, small,
                   {.is_compressed = true});
      compressed_ = std::make_shared<const std::string>(std::move(frame));
    } else {
      compressed_ = plain();
    }
  }
  return compressed_;
}

}  // namespace aster::websocket
