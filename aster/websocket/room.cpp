#include "aster/websocket/room.hpp"

namespace aster::websocket {

room::membership::membership(room& r, socket& s) : room_(r), socket_(s), next_(r.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  r.first_ = this;
  ++r.size_;
}

room::membership::~membership() {
  (previous_ != nullptr ? previous_->next_ : room_.first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  --room_.size_;
}

void room::post(std::string_view text, const socket* except) {
  post(prepared_message{message_type::text, text}, except);
}

void room::post(std::span<const std::byte> binary, const socket* except) {
  post(prepared_message{message_type::binary, {reinterpret_cast<const char*>(binary.data()), binary.size()}},
       except);
}

void room::post(const message& m, const socket* except) { post(prepared_message{m}, except); }

void room::post(prepared_message m, const socket* except) {
  for (membership* each = first_; each != nullptr; each = each->next_)
    if (&each->socket_ != except) each->socket_.post(m);
}

}  // namespace aster::websocket
