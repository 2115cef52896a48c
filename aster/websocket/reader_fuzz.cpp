// Fuzz target: whatever the bytes and however they are cut, the reader says one thing, no message is larger
// than its limit, and no text is anything but UTF-8.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "aster/websocket/reader.hpp"

namespace websocket = aster::websocket;
using websocket::reader;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr websocket::limits limits{.frame = 300, .message = 400};

/// All that the reader says to bytes that come `part` at a time.
std::string read(std::string_view input, std::size_t part, websocket::side from,
                 std::optional<websocket::compression> compressed) {
  reader in{from, limits, compressed};
  std::string said;
  for (std::size_t at = 0; at < input.size();) {
    const std::size_t size = std::min(part, input.size() - at);
    // A block of exactly this size, so that a read beyond it is seen.
    const auto bytes = std::make_unique<char[]>(size);
    input.copy(bytes.get(), size, at);
    at += size;
    std::string_view rest{bytes.get(), size};
    for (bool more = true; more;) {
      const std::size_t before = rest.size();
      const reader::event event = in.read(rest);
      require(rest.size() <= before);
      said += static_cast<char>('a' + static_cast<int>(event));
      switch (event) {
        case reader::event::nothing:
          require(rest.empty());
          said.pop_back();
          more = false;
          break;
        case reader::event::message: {
          const std::string message = in.take();
          require(message.size() <= limits.message);
          require(in.type() == websocket::message_type::binary || websocket::is_utf8(message));
          said += message;
          break;
        }
        case reader::event::ping:
        case reader::event::pong:
          require(in.control().size() <= websocket::most_control_bytes);
          said += in.control();
          break;
        case reader::event::close:
          require(in.closing_code() == websocket::close_code::none ||
                  websocket::may_be_sent(number(in.closing_code())));
          require(websocket::is_utf8(in.control()));
          return said.append(std::to_string(number(in.closing_code()))).append(in.control());
        case reader::event::failure:
          require(*in.failure() != '\0');
          return said.append(std::to_string(number(in.failure_code()))).append(in.failure());
      }
    }
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data + 3), size - 3};
  const websocket::side from = data[0] & 1 ? websocket::side::server : websocket::side::client;
  std::optional<websocket::compression> compressed;
  if (data[0] & 6) compressed = {.window = 8 + data[1] % 8, .keeps_context = (data[0] & 2) != 0};
  const std::size_t part = 1 + data[2] % 64;
  const bool is_same = read(input, part, from, compressed) == read(input, input.size() + 1, from, compressed);
  require(is_same ||
          (compressed && compressed->window < websocket::largest_window));  // see inflater::inflate
  return 0;
}
