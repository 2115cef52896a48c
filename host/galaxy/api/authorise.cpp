#include "host/galaxy/api/authorise.hpp"

#include <cstddef>

namespace aster::host::galaxy {
namespace {

/// "127.0.0.1:8931" of "http://127.0.0.1:8931".
std::string_view authority_of(std::string_view origin) {
  const std::size_t at = origin.find("://");
  return at == origin.npos ? std::string_view{} : origin.substr(at + 3);
}

}  // namespace

bool is_same_secret(std::string_view given, std::string_view secret) {
  // Volatile, so that the compiler does not find a shorter way.
  volatile unsigned char different = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const char other = i < given.size() ? given[i] : '\0';
    different = static_cast<unsigned char>(different | (secret[i] ^ other));
  }
  return different == 0;
}

verdict authorise(const caller& who, const lock& at) {
  if (who.user) return *who.user == at.user || *who.user == 0 ? verdict::allowed : verdict::foreign;
  if (at.origin.empty() || who.host != authority_of(at.origin)) return verdict::foreign;
  if (!who.origin.empty() && who.origin != at.origin) return verdict::foreign;
  // "none": the person has typed or opened the address. Another site may lead here, and nothing more than
  // that.
  const bool is_ours = who.fetch_site.empty() || who.fetch_site == "same-origin" || who.fetch_site == "none";
  if (who.changes && !is_ours) return verdict::foreign;
  if (at.token.empty() || !is_same_secret(who.token, at.token)) return verdict::unknown_caller;
  return verdict::allowed;
}

}  // namespace aster::host::galaxy
