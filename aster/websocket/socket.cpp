#include "aster/websocket/socket.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "abi/platform.hpp"
#include "aster/task/deadline.hpp"

namespace aster::websocket {
namespace {

constexpr std::size_t buffer_size = 4096;
constexpr std::size_t unit_size = 64 * 1024;  // bytes that limits::send is the time for
constexpr std::size_t helper_stack = 16 * 1024;

std::optional<compression> from_client(const settings& s) {
  if (!s.compression) return std::nullopt;
  return s.compression->to_server;
}

/// Calls `f` with a limit of time, of which zero is none. Nothing when the time is up.
template <class Function>
auto within(limits::duration d, Function&& f) -> std::optional<std::invoke_result_t<Function>> {
  if (d == limits::duration::zero()) return f();
  auto result = task::within(d, f);
  if (!result) return std::nullopt;
  return *std::move(result);
}

void note(std::string_view what) {
  std::string text{"websocket: "};
  text.append(what);
  abi::current_platform().note(text.data(), text.size());
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

socket::socket(net::byte_stream& stream, const settings& s)
    : stream_(stream), settings_(s), reader_(side::client, settings_.limits, from_client(s)) {
  if (s.compression && s.compression->to_client.keeps_context)
    deflater_.emplace(s.compression->to_client.window, true);
}

socket::~socket() = default;

// ---- what a handler calls ----

std::optional<message> socket::receive() {
  if (std::exchange(is_handling_, false)) --unanswered_;
  handled_.notify_all();
  std::optional<message> m = incoming_.receive();
  is_handling_ = m.has_value();
  if (!m) answer_close();
  return m;
}

bool socket::send(const message& m) {
  prepared_message prepared{m};
  if (!wait_for_room()) return false;
  enqueue_message(prepared);
  return true;
}

bool socket::send(std::string_view text) {
  prepared_message prepared{message_type::text, text};
  if (!wait_for_room()) return false;
  enqueue_message(prepared);
  return true;
}

bool socket::send(std::span<const std::byte> binary) {
  prepared_message prepared{message_type::binary, as_text(binary)};
  if (!wait_for_room()) return false;
  enqueue_message(prepared);
  return true;
}

bool socket::post(std::string_view text) {
  prepared_message prepared{message_type::text, text};
  return post(prepared);
}

bool socket::post(std::span<const std::byte> binary) {
  prepared_message prepared{message_type::binary, as_text(binary)};
  return post(prepared);
}

bool socket::post(prepared_message& m) {
  if (is_open() && pending_ > settings_.limits.pending) lose();
  if (!is_open()) return false;
  enqueue_message(m);
  return true;
}

void socket::close(close_code code, std::string_view reason) {
  if (!may_be_sent(number(code))) throw std::invalid_argument("websocket: this close code is not sent");
  stop_receiving();
  while (incoming_.try_receive()) --unanswered_;
  if (is_open()) enqueue_close(code, reason);
}

bool socket::wait_for_room() {
  task::checkpoint();
  while (is_open() && pending_ > settings_.limits.pending) room_.wait();
  return is_open();
}

// ---- from the handshake to the end ----

void socket::run_call(void* object, void (*call)(void*, socket&)) {
  fibers_.spawn("websocket reader", [this] { read_all(); }, {.stack_size = helper_stack});
  try {
    call(object, *this);
  } catch (const task::cancelled&) {
    const task::shield undisturbed;
    finish(close_code::going_away, true);
    throw;
  } catch (const std::exception& e) {
    note(e.what());
    finish(close_code::internal_error, false);
    return;
  } catch (...) {
    note("an exception that is no std::exception");
    finish(close_code::internal_error, false);
    return;
  }
  finish(close_code::normal, false);
}

void socket::finish(close_code code, bool in_a_hurry) {
  const limits::duration patience = settings_.limits.close;
  answer_close();
  close(code);
  // The writer comes to its end by itself, at the speed that limits::send demands.
  const task::time_point written = in_a_hurry ? task::after(task::now(), patience) : task::never;
  while (writer_runs_ && changed_.wait_until(written)) {
  }
  if (writer_runs_) lose();
  const task::time_point answered = in_a_hurry ? written : task::after(task::now(), patience);
  while (!has_read_all_ && !lost_ && changed_.wait_until(answered)) {
  }
  fibers_.cancel();
  fibers_.join();
}

// ---- reading ----

void socket::read_all() {
  struct said_at_the_end {
    socket& self;
    ~said_at_the_end() {
      self.has_read_all_ = true;
      self.stop_receiving();
      self.changed_.notify_all();
    }
  } const whatever_happens{*this};
  try {
    buffer_.resize(buffer_size);
    while (fill() && take_events(filled_)) {
    }
  } catch (const std::bad_alloc&) {
    lose();  // a farewell takes memory as well
  }
}

/// Parks until there is something to read; false when there will be nothing. Asks a silent client if it is
/// there.
bool socket::fill() {
  const auto read = [this] { return stream_.read(std::span{buffer_}); };
  auto got = within(settings_.limits.ping, read);
  if (!got) {
    if (is_open()) {
      std::string frame;
      append_frame(frame, opcode::ping, {});
      enqueue(std::make_shared<const std::string>(std::move(frame)));
    }
    do {
      got = within(settings_.limits.answer, read);
    } while (!got && writer_runs_);  // it has not been asked yet, but it takes what is before the question
  }
  if (!got || !*got) {
    lose();
    return false;
  }
  filled_ = as_text(std::span{buffer_}.first(**got));
  if (!filled_.empty()) return true;
  // It has hung up without a word. It may still listen: if not, that shows when something is sent.
  if (!ended_) ended_ = closing{close_code::broken_off, {}};
  return false;
}

/// False when nothing is to be read behind it.
bool socket::take_events(std::string_view bytes) {
  for (;;) {
    switch (reader_.read(bytes)) {
      case reader::event::nothing: return true;
      case reader::event::message: deliver(); break;
      case reader::event::ping: answer_ping(); break;
      case reader::event::pong: break;
      case reader::event::close: read_close(); return false;
      case reader::event::failure: fail(reader_.failure_code(), reader_.failure()); return false;
    }
  }
}

void socket::deliver() {
  ++unanswered_;
  // Once nothing is received any more it is dropped.
  if (!incoming_.send(message{reader_.type(), reader_.take()})) --unanswered_;
}

/// The latest alone is answered (RFC 6455 §5.5.3), so that pings cannot fill the memory.
void socket::answer_ping() {
  if (!is_open()) return;
  pong_.emplace(reader_.control());
  start_writer();
}

/// The handler may be about to answer what came before the close frame: that still goes out (RFC 6455 §5.5.1
/// lets the answer wait). One that only sends must not notice it late.
void socket::read_close() {
  ended_ = closing{reader_.closing_code(), std::string{reader_.control()}};
  answer_is_due_ = true;
  stop_receiving();
  const task::time_point patience = task::after(task::now(), settings_.limits.close);
  while (is_open() && unanswered_ > 0 && handled_.wait_until(patience)) {
  }
  answer_close();
}

void socket::answer_close() {
  if (answer_is_due_ && is_open()) enqueue_close(ended_->code, {});
}

void socket::fail(close_code code, const char* why) {
  ended_ = closing{code, why};
  if (is_open()) enqueue_close(code, why);
}

void socket::stop_receiving() { incoming_.close(); }

// ---- writing ----

void socket::enqueue_message(prepared_message& m) {
  const bool is_compressed = settings_.compression && m.data().size() >= settings_.least_compressed;
  if (!is_compressed) return enqueue(m.plain());
  if (!deflater_) return enqueue(m.compressed(settings_.compression->to_client.window));
  std::string small, frame;
  deflater_->deflate(m.data(), small);
  append_frame(frame, m.type() == message_type::text ? opcode::text : opcode::binary, small,
               {.is_compressed = true});
  enqueue(std::make_shared<const std::string>(std::move(frame)));
}

void socket::enqueue(shared_bytes frame) {
  const std::size_t size = frame->size();
  queue_.push_back(std::move(frame));
  pending_ += size;
  start_writer();
}

void socket::enqueue_close(close_code code, std::string_view reason) {
  std::string payload, frame;
  if (code != close_code::none) {
    payload += static_cast<char>(number(code) >> 8);
    payload += static_cast<char>(number(code) & 0xff);
    reason = reason.substr(0, most_control_bytes - payload.size());
    while (!is_utf8(reason)) reason.remove_suffix(1);  // cut between characters
    payload.append(reason);
  }
  append_frame(frame, opcode::close, payload);
  enqueue(std::make_shared<const std::string>(std::move(frame)));
  close_queued_ = true;
  room_.notify_all();
  handled_.notify_all();
}

void socket::start_writer() {
  if (writer_runs_ || lost_) return;
  try {
    fibers_.spawn("websocket writer", [this] { write_all(); }, {.stack_size = helper_stack});
    writer_runs_ = true;
  } catch (const std::bad_alloc&) {
    lose();
  }
}

void socket::write_all() {
  struct said_at_the_end {
    socket& self;
    ~said_at_the_end() {
      self.writer_runs_ = false;
      self.changed_.notify_all();
    }
  } const whatever_happens{*this};
  try {
    while (write_batch()) {
    }
  } catch (const std::bad_alloc&) {
    lose();
  }
}

/// Writes what is in the queue now. False when there was nothing.
bool socket::write_batch() {
  if (lost_) return false;
  batch_.clear();
  batch_.swap(queue_);
  if (pong_) {
    std::string frame;
    append_frame(frame, opcode::pong, *pong_);
    pong_.reset();
    pending_ += frame.size();
    batch_.insert(batch_.begin(), std::make_shared<const std::string>(std::move(frame)));
  }
  std::array<std::span<const std::byte>, 16> pieces;
  for (std::size_t next = 0, offset = 0; next < batch_.size();) {
    std::size_t count = 0, size = 0;
    while (next < batch_.size() && count < pieces.size() && size < unit_size) {
      const std::string_view rest = std::string_view{*batch_[next]}.substr(offset);
      const std::string_view piece = rest.substr(0, unit_size - size);
      pieces[count++] = std::as_bytes(std::span{piece});
      size += piece.size();
      const bool is_whole = piece.size() == rest.size();
      offset = is_whole ? 0 : offset + piece.size();
      next += is_whole;
    }
    if (!write_unit(std::span{pieces}.first(count))) {
      lose();
      return false;
    }
    pending_ -= size;
    room_.notify_all();
  }
  return !batch_.empty();
}

bool socket::write_unit(std::span<const std::span<const std::byte>> pieces) {
  const auto written = within(settings_.limits.send, [&] { return stream_.write(pieces); });
  return written && written->has_value();
}

/// Nothing can be said or heard any more. Never parks.
void socket::lose() {
  if (lost_) return;
  lost_ = true;
  if (!ended_) ended_ = closing{close_code::broken_off, {}};
  stream_.abort();
  stop_receiving();
  room_.notify_all();
  handled_.notify_all();
  changed_.notify_all();
}

}  // namespace aster::websocket
