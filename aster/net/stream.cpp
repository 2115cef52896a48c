#include "aster/net/stream.hpp"

#include <new>

#include "aster/net/stream_socket.hpp"

namespace aster::net {

namespace {
constexpr duration address_patience = std::chrono::seconds{30};  // for one of our own
// From here on, waiting for acknowledgements costs less than copying.
constexpr std::size_t worth_lending = 64 * 1024;
// When the stack's memory is used up, it is asked for again so soon.
constexpr duration memory_patience = std::chrono::milliseconds{10};
}  // namespace

stream_socket::stream_socket(std::shared_ptr<stack_core> core, tcp::connection& connection)
    : core_(std::move(core)), connection_(connection) {
  connection_.watched_by = this;
}

std::unique_ptr<stream_socket> hold(std::shared_ptr<stack_core> core, tcp::connection& connection) {
  tcp::host& host = core->tcp();
  try {
    return std::make_unique<stream_socket>(core, connection);
  } catch (const std::bad_alloc&) {
    host.release(connection, task::now());
    throw;
  }
}

std::expected<std::unique_ptr<stream_socket>, error> open_connection(std::shared_ptr<stack_core> core,
                                                                     const endpoint& remote) {
  if (!core->wait_for_source(remote.address, task::after(task::now(), address_patience)))
    return std::unexpected{error::unreachable};
  const auto source = core->engine().routes().source_for(remote.address);
  if (!source) return std::unexpected{error::unreachable};
  const auto c = core->tcp().connect(*source, remote, task::now());
  if (!c) return std::unexpected{c.error()};
  auto socket = hold(std::move(core), **c);
  if (const auto connected = socket->wait_connected(); !connected) return std::unexpected{connected.error()};
  return socket;
}

stream_socket::~stream_socket() { core_->tcp().release(connection_, task::now()); }

void stream_socket::changed(tcp::connection& c) noexcept {
  const bool over = c.failure().has_value() || !c.is_open();
  if (!readable_.empty() && (over || c.readable() > 0 || c.at_end())) readable_.notify_one();
  if (writable_.empty()) return;
  const bool opening = c.state() == tcp::state::syn_sent || c.state() == tcp::state::syn_received;
  if (over || (!opening && c.queued() <= writer_waits_for_)) writable_.notify_one();
}

std::expected<void, error> stream_socket::wait_connected() {
  writer_waits_for_ = connection_.send_buffer();
  while (connection_.state() == tcp::state::syn_sent || connection_.state() == tcp::state::syn_received)
    writable_.wait();
  if (const auto failure = connection_.failure()) return std::unexpected{*failure};
  return {};
}

std::optional<std::expected<std::size_t, error>> stream_socket::read_until(std::span<std::byte> out,
                                                                           task::time_point deadline) {
  if (out.empty()) return 0;
  for (;;) {
    if (const std::size_t n = connection_.read(out); n > 0) {
      if (connection_.has_window_news()) core_->tcp().touched(connection_);
      return n;
    }
    if (connection_.at_end()) return 0;
    if (const auto failure = connection_.failure()) return std::unexpected{*failure};
    if (!connection_.is_open()) return std::unexpected{error::closed};

    // What arrives now goes straight to `out`. If this fiber is cancelled, bytes may have come between the
    // request and its waking: they are kept for the next reader.
    connection_.set_reader(out);
    struct undo {
      tcp::connection& c;
      bool armed = true;
      ~undo() {
        if (armed) c.return_reader_bytes();
      }
    } unless_woken{connection_};
    const bool in_time = readable_.wait_until(deadline);
    unless_woken.armed = false;
    if (const std::size_t n = connection_.take_reader_bytes(); n > 0) {
      if (connection_.has_window_news()) core_->tcp().touched(connection_);
      return n;
    }
    if (!in_time) return std::nullopt;
  }
}

void stream_socket::wait_until_queued_at_most(std::size_t bytes) {
  writer_waits_for_ = bytes;
  while (!connection_.failure() && connection_.is_open() && connection_.queued() > bytes) writable_.wait();
}

std::expected<void, error> stream_socket::write(wire::bytes piece) {
  while (!piece.empty()) {
    if (piece.size() > worth_lending && piece.size() > connection_.room()) return write_lending(piece);
    const auto n = connection_.write(piece);
    if (!n) return std::unexpected{n.error()};
    if (*n > 0) {
      core_->tcp().touched(connection_);
      piece = piece.subspan(*n);
      continue;
    }
    if (connection_.room() > 0) {  // the stack's memory is used up: others have to give some back
      task::sleep(memory_patience);
      continue;
    }
    // A quarter of the buffer at a time: waking for every acknowledgement would cost more than it brings.
    const std::size_t enough = connection_.send_buffer() / 4 * 3;
    wait_until_queued_at_most(enough);
  }
  return {};
}

// Large pieces are sent from where they lie. The writer stays until what is left of them fits the send
// buffer: only that is copied.
std::expected<void, error> stream_socket::write_lending(wire::bytes piece) {
  if (const auto lent = connection_.lend(piece); !lent) return lent;
  core_->tcp().touched(connection_);
  struct settle {
    tcp::connection& c;
    bool complete = false;
    ~settle() { c.settle(complete); }
  };
  {
    settle at_end{connection_};
    wait_until_queued_at_most(connection_.send_buffer());
    at_end.complete = true;
  }
  if (const auto failure = connection_.failure()) return std::unexpected{*failure};
  if (!connection_.is_open()) return std::unexpected{error::closed};
  return {};
}

void stream_socket::shutdown_write() noexcept {
  connection_.shutdown_write();
  core_->tcp().touched(connection_);
}

void stream_socket::abort() noexcept {
  connection_.abort();
  core_->tcp().touched(connection_);
  readable_.notify_all();
  writable_.notify_all();
}

// --- stream -----------------------------------------------------------------------------------------------

stream::stream(std::unique_ptr<stream_socket> socket) noexcept : socket_(std::move(socket)) {}
stream::stream(stream&&) noexcept = default;
stream& stream::operator=(stream&&) noexcept = default;
stream::~stream() = default;

std::expected<std::size_t, error> stream::read(std::span<std::byte> out) {
  if (!socket_) return std::unexpected{error::closed};
  return socket_->read(out);
}

std::optional<std::expected<std::size_t, error>> stream::read_until(std::span<std::byte> out,
                                                                    task::time_point deadline) {
  if (!socket_) return std::unexpected{error::closed};
  return socket_->read_until(out, deadline);
}

std::expected<void, error> stream::write(std::span<const std::span<const std::byte>> pieces) {
  if (!socket_) return std::unexpected{error::closed};
  for (const auto piece : pieces)
    if (const auto done = socket_->write(piece); !done) return done;
  return {};
}

void stream::shutdown_write() noexcept {
  if (socket_) socket_->shutdown_write();
}

void stream::abort() noexcept {
  if (socket_) socket_->abort();
}

endpoint stream::local() const noexcept { return socket_ ? socket_->connection().id().local : endpoint{}; }
endpoint stream::remote() const noexcept { return socket_ ? socket_->connection().id().remote : endpoint{}; }

void stream::set_no_delay(bool on) noexcept {
  if (socket_) socket_->connection().set_no_delay(on);
}

void stream::set_keep_alive(std::chrono::nanoseconds idle) noexcept {
  if (!socket_) return;
  socket_->connection().set_keep_alive(idle, task::now());
  socket_->core().tcp().touched(socket_->connection());
}

void stream::set_user_timeout(std::chrono::nanoseconds limit) noexcept {
  if (socket_) socket_->connection().set_user_timeout(limit);
}

void stream::set_cork(bool on) noexcept {
  if (!socket_) return;
  socket_->connection().set_cork(on);
  if (!on) socket_->core().tcp().touched(socket_->connection());
}

tcp::info stream::info() const noexcept { return socket_ ? socket_->connection().info() : tcp::info{}; }

}  // namespace aster::net
