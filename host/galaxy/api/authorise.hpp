// Who may ask the API for something. Every request comes through this one function, by whichever door.
//
// On the Unix socket the kernel says who the peer is: the galaxy's own user and root may everything. On the
// loopback port anybody on this machine can connect, and any page in the visitor's browser can make it
// connect: a token says that it is the person who was given the page's URL, Host that no other name was made
// to lead here (DNS rebinding), and Origin and Sec-Fetch-Site that it is not another site that asks in the
// visitor's name.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace aster::host::galaxy {

struct caller {
  std::optional<uid_t> user;    // of the Unix socket's peer; nothing: it came by the loopback port
  std::string_view token;       // that it brought
  std::string_view host;        // Host
  std::string_view origin;      // Origin; empty: none
  std::string_view fetch_site;  // Sec-Fetch-Site; empty: none
  bool changes = false;         // the method may change something
};

struct lock {
  uid_t user = 0;           // whose galaxy it is
  std::string_view token;   // empty: nobody has one
  std::string_view origin;  // of the page: "http://127.0.0.1:8931"
};

enum class verdict : std::uint8_t {
  allowed,
  unknown_caller,  // 401: no token, or a wrong one
  foreign,         // 403: another user, another site, or another name of this machine
};

verdict authorise(const caller& who, const lock& at);

/// Whether two secrets are the same, in a time that does not depend on where they differ.
bool is_same_secret(std::string_view given, std::string_view secret);

}  // namespace aster::host::galaxy
