// A message, as it came or as it is to be sent to many.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aster/websocket/reader.hpp"

namespace aster::websocket {

struct message {
  message_type type = message_type::text;
  std::string data;

  bool is_text() const { return type == message_type::text; }
  bool is_binary() const { return type == message_type::binary; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span{data}); }
  bool operator==(const message&) const = default;
};

/// Bytes that several sockets may have in their queues at once.
using shared_bytes = std::shared_ptr<const std::string>;

/// A message made ready to be sent to many: its frame is made once, and compressed once for all sockets whose
/// compression keeps no context. Not to be shared by threads.
class prepared_message {
 public:
  /// `data` must outlive it. Throws std::invalid_argument for a text that is no UTF-8.
  prepared_message(message_type type, std::string_view data);
  explicit prepared_message(const message& m) : prepared_message(m.type, m.data) {}

  message_type type() const { return type_; }
  std::string_view data() const { return data_; }

  /// The whole frame of a server.
  const shared_bytes& plain();
  /// The same, compressed for a window; `plain` when that is not smaller.
  const shared_bytes& compressed(window_bits window);

 private:
  message_type type_;
  std::string_view data_;
  shared_bytes plain_;
  shared_bytes compressed_;
  window_bits compressed_for_ = 0;
};

}  // namespace aster::websocket
