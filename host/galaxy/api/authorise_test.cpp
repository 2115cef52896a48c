#include "host/galaxy/api/authorise.hpp"

#include <doctest/doctest.h>

using namespace aster::host::galaxy;

namespace {

constexpr lock door{.user = 1000, .token = "right-token", .origin = "http://127.0.0.1:8931"};

caller visitor() {
  return {.user = {},
          .token = "right-token",
          .host = "127.0.0.1:8931",
          .origin = {},
          .fetch_site = {},
          .changes = false};
}

}  // namespace

TEST_CASE("on the socket the galaxy's user and root may ask, and nobody else") {
  caller peer;
  peer.user = 1000;
  CHECK(authorise(peer, door) == verdict::allowed);
  peer.user = 0;
  CHECK(authorise(peer, door) == verdict::allowed);
  peer.user = 1001;
  peer.token = "right-token";
  CHECK(authorise(peer, door) == verdict::foreign);
}

TEST_CASE("on the page's port a token is wanted") {
  caller who = visitor();
  CHECK(authorise(who, door) == verdict::allowed);
  for (const char* wrong : {"", "right-toke", "right-token ", "wrong-token"}) {
    CAPTURE(wrong);
    who.token = wrong;
    CHECK(authorise(who, door) == verdict::unknown_caller);
  }
  who.token = "";
  CHECK(authorise(who, {.user = 1000, .token = "", .origin = door.origin}) == verdict::unknown_caller);
}

TEST_CASE("another name of this machine, and another site, are turned away with the right token too") {
  caller who = visitor();
  who.host = "evil.example:8931";
  CHECK(authorise(who, door) == verdict::foreign);
  who = visitor();
  who.host = "127.0.0.1";
  CHECK(authorise(who, door) == verdict::foreign);
  who = visitor();
  who.origin = "http://127.0.0.1:8080";  // the galaxy's own site is another
  CHECK(authorise(who, door) == verdict::foreign);
  who.origin = "null";
  CHECK(authorise(who, door) == verdict::foreign);
  who.origin = door.origin;
  who.changes = true;
  CHECK(authorise(who, door) == verdict::allowed);
  who.fetch_site = "same-site";  // another port of 127.0.0.1
  CHECK(authorise(who, door) == verdict::foreign);
  who.fetch_site = "cross-site";
  CHECK(authorise(who, door) == verdict::foreign);
  who.changes = false;  // a link on another site may be followed
  who.origin = {};
  CHECK(authorise(who, door) == verdict::allowed);
}

TEST_CASE("secrets are the same when all of them is") {
  CHECK(is_same_secret("abc", "abc"));
  CHECK_FALSE(is_same_secret("abd", "abc"));
  CHECK_FALSE(is_same_secret("abcd", "abc"));
  CHECK_FALSE(is_same_secret("ab", "abc"));
  CHECK_FALSE(is_same_secret("", "abc"));
}
