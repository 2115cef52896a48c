#include "aster/net/listener.hpp"

#include <stdexcept>

#include "aster/net/listen_socket.hpp"

namespace aster::net {

listen_socket::listen_socket(std::shared_ptr<stack_core> core, tcp::acceptor& acceptor)
    : core_(std::move(core)), acceptor_(&acceptor), port_(acceptor.port()) {
  acceptor.watched_by = this;
}

std::unique_ptr<stream_socket> listen_socket::accept() {
  task::checkpoint();
  for (;;) {
    if (acceptor_ == nullptr || core_->is_stopped()) throw std::logic_error{"accept: the listener is closed"};
    if (tcp::connection* c = core_->tcp().accept(*acceptor_)) return hold(core_, *c);
    ready_.wait();
  }
}

void listen_socket::close() noexcept {
  if (acceptor_ == nullptr) return;
  core_->tcp().unlisten(*std::exchange(acceptor_, nullptr));
  ready_.notify_all();
}

void listen_socket::ready(tcp::acceptor&) noexcept {
  if (core_->is_stopped()) {
    ready_.notify_all();
  } else {
    ready_.notify_one();
  }
}

listener::listener(std::unique_ptr<listen_socket> socket) noexcept : socket_(std::move(socket)) {}
listener::listener(listener&&) noexcept = default;
listener& listener::operator=(listener&&) noexcept = default;
listener::~listener() = default;

stream listener::accept() {
  if (!socket_) throw std::logic_error{"accept: the listener was moved from"};
  return stream{socket_->accept()};
}

void listener::close() noexcept {
  if (socket_) socket_->close();
}

std::uint16_t listener::port() const noexcept { return socket_ ? socket_->port() : 0; }

}  // namespace aster::net
