#include "aster/websocket/test/client.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "aster/http/grammar.hpp"
#include "aster/http/server.hpp"
#include "aster/task/deadline.hpp"

namespace aster::websocket::test {
namespace {

constexpr std::chrono::seconds patience{10};

std::runtime_error surprise(std::string_view what) {
  return std::runtime_error{std::string{"websocket test client: "}.append(what)};
}

web::test::reply parse_head(std::string_view head) {
  web::test::reply answer;
  if (!head.starts_with("HTTP/1.1 ")) throw surprise("this is no response");
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    answer.headers.emplace_back(line.substr(0, colon), http::trim(line.substr(colon + 1)));
    head.remove_prefix(line.size() + 2);
  }
  return answer;
}

}  // namespace

client_base::client_base(http::handler_reference handler, std::string_view target, const client_options& o)
    : wire_(o.capacity) {
  server_.spawn("test server", [this, handler] {
    http::serve_connection(wire_.server(), handler, server_options_);
    wire_.server().shutdown_write();
  });
  shake_hands(target, o.headers);
}

client_base::~client_base() {
  if (ended_) return;
  const task::shield undisturbed;
  try {
    hang_up();
  } catch (const std::exception&) {  // the server's: the scope tells of it
  }
}

void client_base::shake_hands(std::string_view target, const web::test::fields& headers) {
  std::string request{"GET "};
  request.append(target).append(" HTTP/1.1\r\nHost: test.example\r\n");
  const auto add = [&](std::string_view name, std::string_view value) {
    for (const auto& [each, ignored] : headers)
      if (http::equals_ignoring_case(each, name)) return;
    request.append(name).append(": ").append(value).append("\r\n");
  };
  add("Connection", "Upgrade");
  add("Upgrade", "websocket");
  add("Sec-WebSocket-Version", "13");
  add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  for (const auto& [name, value] : headers)
    if (!value.empty()) request.append(name).append(": ").append(value).append("\r\n");
  send_raw(request.append("\r\n"));
  std::size_t end;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) throw surprise("the server has hung up");
  answer_ = parse_head(std::string_view{read_}.substr(0, end + 2));
  read_.erase(0, end + 4);
  if (answer_.status != 101) {
    wire_.client().shutdown_write();
    while (fill()) {
    }
    answer_.body = std::exchange(read_, {});
    return;
  }
  if (const auto extensions = answer_.header("sec-websocket-extensions")) {
    std::vector<deflate_parameters> agreed;
    if (!read_extensions(*extensions, agreed) || agreed.size() != 1) throw surprise("strange extensions");
    compression_ = meaning_of(agreed.front());
    deflater_.emplace(compression_->to_server.window, compression_->to_server.keeps_context);
  }
  reader_.emplace(side::server, limits_,
                  compression_ ? std::optional{compression_->to_client} : std::nullopt);
}

/// False at the end of what the server says.
bool client_base::fill() {
  std::array<std::byte, 4096> buffer;
  const auto got = task::within(patience, [&] { return wire_.client().read(buffer); });
  if (!got) throw surprise("the server is silent");
  if (!*got || **got == 0) {
    if (!ended_) ended_ = closing{close_code::broken_off, {}};
    return false;
  }
  read_.append(reinterpret_cast<const char*>(buffer.data()), **got);
  return true;
}

void client_base::send_raw(std::string_view bytes) {
  if (!wire_.client().write(bytes)) throw surprise("the server is gone");
}

void client_base::send_frame(opcode o, std::string_view payload, frame_options options) {
  mask_key key;
  for (std::uint8_t& byte : key) {
    keys_ = keys_ * 1664525u + 1013904223u;
    byte = static_cast<std::uint8_t>(keys_ >> 24);
  }
  std::string frame;
  append_masked_frame(frame, o, payload, key, options);
  send_raw(frame);
}

void client_base::send_message(message_type type, std::string_view data) {
  const opcode o = type == message_type::text ? opcode::text : opcode::binary;
  if (!deflater_) return send_frame(o, data);
  std::string small;
  deflater_->deflate(data, small);
  send_frame(o, small, {.is_compressed = true});
}

void client_base::send(std::string_view text) { send_message(message_type::text, text); }
void client_base::send(std::span<const std::byte> binary) {
  send_message(message_type::binary, {reinterpret_cast<const char*>(binary.data()), binary.size()});
}

std::optional<message> client_base::receive() {
  if (!reader_) throw surprise("there is no WebSocket: look at answer()");
  while (!ended_) {
    std::string_view rest = read_;
    const reader::event event = reader_->read(rest);
    read_.erase(0, read_.size() - rest.size());
    switch (event) {
      case reader::event::nothing: fill(); break;
      case reader::event::message: return message{reader_->type(), reader_->take()};
      case reader::event::ping:
        ++pings_;
        if (!close_sent_) send_frame(opcode::pong, reader_->control());
        break;
      case reader::event::pong: pongs_.emplace_back(reader_->control()); break;
      case reader::event::close: {
        const closing said{reader_->closing_code(), std::string{reader_->control()}};
        if (!std::exchange(close_sent_, true)) {
          std::string code;
          if (said.code != close_code::none)
            code = {static_cast<char>(number(said.code) >> 8), static_cast<char>(number(said.code) & 0xff)};
          send_frame(opcode::close, code);
        }
        wire_.client().shutdown_write();
        while (fill()) {
        }
        if (!read_.empty()) throw surprise("something came behind the close frame");
        ended_ = said;
        break;
      }
      case reader::event::failure: throw surprise(reader_->failure());
    }
  }
  return std::nullopt;
}

void client_base::close(close_code code, std::string_view reason) {
  if (ended_) return;
  if (!std::exchange(close_sent_, true)) {
    std::string payload{static_cast<char>(number(code) >> 8), static_cast<char>(number(code) & 0xff)};
    send_frame(opcode::close, payload.append(reason));
  }
  while (receive()) {
  }
  await_handler();
}

void client_base::hang_up() {
  wire_.client().abort();
  if (!ended_) ended_ = closing{close_code::broken_off, {}};
  await_handler();
}

void client_base::await_handler() {
  if (!task::within(patience, [this] { server_.join(); })) throw surprise("the handler does not return");
}

}  // namespace aster::websocket::test
