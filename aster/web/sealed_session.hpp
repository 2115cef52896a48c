// Sessions that the visitors keep themselves, in an encrypted cookie: nothing is stored here, they outlive
// the program, and any instance with the same keys reads them.
//
//   web::keys keys{secret};
//   web::sealed_sessions<visitor> visitors{keys};
//   web::app app{web::sessions(visitors), …};
//
// What that costs: all of it is sent with each request and has to fit into 4096 bytes (std::invalid_argument
// beyond, which answers 500), and a cookie that somebody copied is good until it expires, even after
// `session::end`. Where that matters, use session_store.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "aster/json/read.hpp"
#include "aster/web/keys.hpp"
#include "aster/web/session.hpp"

namespace aster::web {

namespace detail {
/// What the cookie holds, and whether it is time to write it anew.
struct unsealed_session {
  std::string text;
  bool is_old = false;
};
std::optional<unsealed_session> read_session(const keys& by, const request& req,
                                             const session_options& options);
cookie write_session(const keys& by, const session_options& options, std::string text);
}  // namespace detail

/// A T can be read from JSON besides. A cookie of a T that has changed meanwhile begins a new session, unless
/// what it has fits.
template <class T>
class sealed_sessions {
 public:
  using value_type = T;
  explicit sealed_sessions(keys by, session_options options = {})
      : keys_(std::move(by)), options_(std::move(options)) {}

  response operator()(const request& req, next_with<session<T>> behind) {
    auto sent = detail::read_session(keys_, req, options_);
    session_data<T> data;
    if (sent) {
      if (auto read = aster::json::read<session_data<T>>(sent->text))
        data = std::move(*read);
      else
        sent->text.clear();
    }
    session<T> visitor{data};
    response answer = behind(visitor);
    std::string after = aster::json::write(data);
    if (visitor.is_ended() || after == aster::json::write(session_data<T>{})) {
      if (sent) answer.cookie(detail::forgotten_session(options_));
    } else if (!sent || sent->is_old || sent->text != after || visitor.is_renewed()) {
      answer.cookie(detail::write_session(keys_, options_, std::move(after)));
    }
    return answer;
  }

 private:
  keys keys_;
  session_options options_;
};

}  // namespace aster::web
