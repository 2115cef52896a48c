#include "aster/web/session.hpp"

#include <array>
#include <span>

#include "abi/platform.hpp"
#include "aster/web/authorization.hpp"
#include "aster/web/base64url.hpp"

namespace aster::web {
namespace {

constexpr std::size_t secret_size = 18;  // bytes: 24 characters of base64url

std::string random_bytes(std::size_t size) {
  std::string result(size, '\0');
  abi::current_platform().fill_entropy(result.data(), size);
  return result;
}

void mask(std::span<char> text, std::string_view with) {
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(text[i] ^ with[i]);
}

}  // namespace

std::string session_base::csrf_token() {
  if (notes_.token.empty()) notes_.token = random_token(secret_size);
  std::string text = random_bytes(notes_.token.size());
  std::string masked = notes_.token;
  mask(masked, text);
  return to_base64url(text + masked);
}

bool session_base::is_csrf_token(std::string_view text) const {
  if (notes_.token.empty() || text.size() > 8 * secret_size) return false;
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != 2 * notes_.token.size()) return false;
  const std::size_t half = notes_.token.size();
  mask(std::span{*bytes}.subspan(half), std::string_view{*bytes}.substr(0, half));
  return same_secret(std::string_view{*bytes}.substr(half), notes_.token);
}

namespace detail {

std::string session_cookie_name(const session_options& options) {
  return (options.secure ? "__Host-" : "") + options.cookie;
}

cookie session_cookie(const session_options& options, std::string value) {
  return {.name = session_cookie_name(options),
          .value = std::move(value),
          .secure = options.secure,
          .same_site = options.same_site};
}

cookie forgotten_session(const session_options& options) {
  cookie result = forgotten(session_cookie_name(options));
  result.secure = options.secure;
  return result;
}

std::string session_id() { return random_token(secret_size); }

std::shared_ptr<void> session_table::find(std::string_view id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  const place at = found->second;
  if (at->until <= task::now()) {
    drop(at);
    return nullptr;
  }
  at->until = task::after(task::now(), lifetime_);
  entries_.splice(entries_.begin(), entries_, at);
  return at->what;
}

void session_table::insert(std::string id, std::shared_ptr<void> what) {
  while (!entries_.empty() && (entries_.size() >= most_ || entries_.back().until <= task::now()))
    drop(std::prev(entries_.end()));
  entries_.push_front({std::move(id), std::move(what), task::after(task::now(), lifetime_)});
  by_id_.emplace(entries_.front().id, entries_.begin());
}

void session_table::erase(std::string_view id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) drop(found->second);
}

void session_table::drop(place which) {
  by_id_.erase(which->id);
  entries_.erase(which);
}

}  // namespace detail
}  // namespace aster::web
