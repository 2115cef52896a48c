// Sockets that hear the same: a chat's room, the viewers of a page that changes.
//
//   websocket::room everybody;                    // outlives the server
//
//   return websocket::accept(req, [&everybody](websocket::socket& ws) {
//     const auto here = everybody.enter(ws);      // until the end of this block
//     while (auto m = ws.receive()) everybody.post(*m);
//   });
//
// Nothing here parks: who is too slow to hear is broken off (limits::pending), and holds up nobody.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "aster/websocket/message.hpp"
#include "aster/websocket/socket.hpp"

namespace aster::websocket {

class room {
 public:
  /// That a socket is in a room. It leaves when this is destroyed, which is before the socket is and before
  /// the room is.
  class [[nodiscard]] membership {
   public:
    ~membership();
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

   private:
    friend class room;
    membership(room& r, socket& s);
    room& room_;
    socket& socket_;
    membership* next_ = nullptr;
    membership* previous_ = nullptr;
  };

  room() = default;
  room(const room&) = delete;
  room& operator=(const room&) = delete;

  membership enter(socket& s) { return {*this, s}; }

  /// Sends to everybody in it, but to `except`. Throws std::invalid_argument for a text that is no UTF-8.
  void post(std::string_view text, const socket* except = nullptr);
  void post(std::span<const std::byte> binary, const socket* except = nullptr);
  void post(const message& m, const socket* except = nullptr);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void post(prepared_message m, const socket* except);

  membership* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace aster::websocket
