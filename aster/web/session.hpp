// Sessions: what the program knows about a visitor from one request to the next, as a typed value.
//
//   struct visitor { std::optional<std::string> user; int visits = 0; };
//   web::session_store<visitor> visitors{{.sessions = 10'000}};        // in memory
//   web::sealed_sessions<visitor> visitors{keys};                      // or in an encrypted cookie:
//   sealed_session.hpp
//
//   web::app app{
//       web::sessions(visitors),
//       web::csrf<visitor>(),
//       web::get(home, [](web::session<visitor>& s) { return page(s->user, s.take_flashes(), s.csrf_token());
//       }), web::post(login, [](web::form<credentials> sent, web::session<visitor>& s) {
//         s.renew();                                                   // whenever rights change
//         s->user = sent->name;
//         s.flash("Welcome!");
//         return web::see_other(home());
//       }),
//   };
//
// A visitor of whom nothing was kept has no session and gets no cookie. The value is an aggregate that can be
// written as JSON (see aster/json/write.hpp), by which it is seen whether something was kept.
#pragma once
#include <chrono>
#include <concepts>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "aster/json/write.hpp"
#include "aster/task/clock.hpp"
#include "aster/web/argument.hpp"
#include "aster/web/cookie.hpp"
#include "aster/web/items.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

struct session_options {
  /// Name of the cookie, behind "__Host-" when it is secure.
  std::string cookie{"session"};
  /// Whether the cookie travels over TLS alone (and to this machine). False for a site that has none.
  bool secure = true;
  web::same_site same_site = web::same_site::lax;
  /// How long a session lasts that nobody uses.
  std::chrono::seconds lifetime = std::chrono::hours{12};
  /// In memory: how many there are at most. Beyond, the one that was not used for longest is forgotten.
  std::size_t sessions = 10'000;
};

/// What is kept besides the value.
struct session_notes {
  std::vector<std::string> flashes;
  std::string token;
};

/// All that is kept of a session.
template <class T>
struct session_data {
  T value{};
  session_notes notes{};
};

/// What a session is, whatever it holds. See `session`.
class session_base {
 public:
  explicit session_base(session_notes& notes) : notes_(notes) {}
  session_base(const session_base&) = delete;
  session_base& operator=(const session_base&) = delete;

  /// From now on it is known by another id, and the old one is nothing: what somebody has slipped to the
  /// visitor before is of no use then. To be called when a visitor logs in.
  void renew() {
    is_renewed_ = true;
    notes_.token.clear();
  }
  /// Forgets all of it, when the response has been made.
  void end() { is_ended_ = true; }

  /// Keeps a message for the next page, and takes those that were kept.
  void flash(std::string message) { notes_.flashes.push_back(std::move(message)); }
  std::vector<std::string> take_flashes() { return std::exchange(notes_.flashes, {}); }

  /// For the field `csrf_token` of a form on a page: see csrf.hpp. Another text each time, so that nothing
  /// can be learnt from how well pages compress.
  std::string csrf_token();
  /// Whether it is one of this session's.
  bool is_csrf_token(std::string_view text) const;

  bool is_renewed() const { return is_renewed_; }
  bool is_ended() const { return is_ended_; }

 private:
  session_notes& notes_;
  bool is_renewed_ = false, is_ended_ = false;
};

/// A visitor's session, while a request of theirs is handled. In memory, requests that are handled at the
/// same time share its value; in cookies each has its own, and the last response's is kept.
template <class T>
class session : public session_base {
 public:
  explicit session(session_data<T>& data) : session_base(data.notes), value_(data.value) {}
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T& value_;
};

namespace detail {

/// The cookie of a session, with its whole name.
std::string session_cookie_name(const session_options& options);
cookie session_cookie(const session_options& options, std::string value);
cookie forgotten_session(const session_options& options);
/// 144 bits that nobody guesses.
std::string session_id();

/// Sessions by their ids, the most recent in front; knows nothing of what they hold.
class session_table {
 public:
  session_table(std::size_t most, std::chrono::seconds lifetime) : most_(most), lifetime_(lifetime) {}

  /// The one of that id; null when there is none, or when it was not used for too long.
  std::shared_ptr<void> find(std::string_view id);
  void insert(std::string id, std::shared_ptr<void> what);
  void erase(std::string_view id);
  std::size_t size() const { return by_id_.size(); }

 private:
  struct entry {
    std::string id;
    std::shared_ptr<void> what;
    task::time_point until;
  };
  using place = std::list<entry>::iterator;

  void drop(place which);

  std::size_t most_;
  std::chrono::seconds lifetime_;
  std::list<entry> entries_;
  std::unordered_map<std::string_view, place> by_id_;
};

}  // namespace detail

/// Sessions in the memory of the program, for as long as it runs; visitors have an id of theirs in a cookie.
/// Of a bounded number, not of a bounded size: what a T may grow to is the program's to limit.
template <class T>
class session_store {
 public:
  using value_type = T;
  explicit session_store(session_options options = {})
      : options_(std::move(options)), table_(options_.sessions, options_.lifetime) {}

  std::size_t size() const { return table_.size(); }

  response operator()(const request& req, next_with<session<T>> behind) {
    const std::string name = detail::session_cookie_name(options_);
    const std::string id{
        req.cookie(name).value_or(std::string_view{})};  // to be kept while others come and go
    auto data = std::static_pointer_cast<session_data<T>>(table_.find(id));
    const bool is_new = data == nullptr;
    if (is_new) data = std::make_shared<session_data<T>>();
    session<T> visitor{*data};
    response answer = behind(visitor);
    if (visitor.is_ended()) {
      table_.erase(id);
      if (!id.empty()) answer.cookie(detail::forgotten_session(options_));
    } else if (is_new ? aster::json::write(*data) != aster::json::write(session_data<T>{})
                      : visitor.is_renewed()) {
      table_.erase(id);
      std::string fresh = detail::session_id();
      answer.cookie(detail::session_cookie(options_, fresh));
      table_.insert(std::move(fresh), data);
    }
    return answer;
  }

 private:
  session_options options_;
  detail::session_table table_;
};

/// A store as an item of an application: by reference, or owned when it is given as an rvalue.
template <class Store>
auto sessions(Store&& store) {
  using bare = std::remove_cvref_t<Store>;
  using value = typename bare::value_type;
  if constexpr (std::is_lvalue_reference_v<Store>)
    return wrap(
        [&store](const request& req, next_with<session<value>> behind) { return store(req, behind); });
  else
    return wrapper<bare>{std::move(store)};
}

}  // namespace aster::web
