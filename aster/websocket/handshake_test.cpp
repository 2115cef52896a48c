#include "aster/websocket/handshake.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/web/test/client.hpp"
#include "aster/websocket/accept.hpp"

using namespace aster;
using web::test::fields;

namespace {

constexpr web::route<"/chat"> chat;

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

/// A good handshake, with the fields of `other` in place of those of the same name or added; an empty value
/// leaves the field out.
fields handshake(const fields& other = {}) {
  fields all{{"Connection", "keep-alive, Upgrade"},
             {"Upgrade", "websocket"},
             {"Sec-WebSocket-Version", "13"},
             {"Sec-WebSocket-Key", std::string{key}}};
  for (const auto& [name, value] : other)
    std::erase_if(all, [&](const auto& each) { return each.first == name; });
  for (const auto& [name, value] : other)
    if (!value.empty()) all.emplace_back(name, value);
  return all;
}

/// What a server with these options answers.
web::test::reply ask(const fields& headers, const websocket::options& o = {},
                     std::string_view method = "GET") {
  web::app app{web::get(chat, [&](const web::request& req) {
    return websocket::accept(req, [](websocket::socket& ws) { ws.send(ws.subprotocol()); }, o);
  })};
  web::test::client client{app};
  return client.send(method, "/chat", headers, {});
}

}  // namespace

TEST_CASE("the key of RFC 6455 1.3 is answered as there") {
  CHECK(websocket::accept_for(key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket::is_key(key));
  CHECK(!websocket::is_key("dGhlIHNhbXBsZSBub25jZQ="));
  CHECK(!websocket::is_key("dGhlIHNhbXBsZSBub25jZQAA"));
  CHECK(!websocket::is_key("dGhlIHNhbXBsZSBub25jZ*=="));
  CHECK(!websocket::is_key(""));
}

TEST_CASE("a handshake that is in order switches protocols") {
  const auto reply = ask(handshake());
  CHECK(reply.status == 101);
  CHECK(reply.header("upgrade") == "websocket");
  CHECK(reply.header("connection") == "Upgrade");
  CHECK(reply.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(!reply.header("sec-websocket-protocol"));
  CHECK(!reply.header("sec-websocket-extensions"));
  CHECK(reply.body.starts_with(std::string_view{"\x81\x00\x88\x02\x03\xe8", 6}));
  CHECK(ask(handshake({{"Upgrade", "h2c, WebSocket"}})).status == 101);
}

TEST_CASE("a handshake that is not is refused, and told why") {
  struct {
    const char* what;
    fields headers;
    int status;
  } const table[] = {
      {"no upgrade", handshake({{"Upgrade", ""}}), 426},
      {"another upgrade", handshake({{"Upgrade", "h2c"}}), 426},
      {"an upgrade that the connection does not mean", handshake({{"Connection", "keep-alive"}}), 426},
      {"no version", handshake({{"Sec-WebSocket-Version", ""}}), 426},
      {"version 8", handshake({{"Sec-WebSocket-Version", "8"}}), 426},
      {"several versions", handshake({{"Sec-WebSocket-Version", "13, 8"}}), 426},
      {"no key", handshake({{"Sec-WebSocket-Key", ""}}), 400},
      {"a short key", handshake({{"Sec-WebSocket-Key", "AAAA"}}), 400},
      {"two keys",
       handshake({{"Sec-WebSocket-Key", std::string{key}}, {"Sec-WebSocket-Key", std::string{key}}}), 400},
      {"a malformed extension", handshake({{"Sec-WebSocket-Extensions", "permessage-deflate;;"}}), 400},
      {"a malformed subprotocol", handshake({{"Sec-WebSocket-Protocol", "a b"}}), 400},
      {"a foreign origin", handshake({{"Origin", "https://evil.example"}}), 403},
      {"the origin of a file", handshake({{"Origin", "null"}}), 403},
  };
  for (const auto& [what, headers, status] : table) {
    CAPTURE(what);
    CHECK(ask(headers).status == status);
  }
  CHECK(ask(handshake({{"Sec-WebSocket-Version", "8"}})).header("sec-websocket-version") == "13");
  CHECK(ask({}).header("upgrade") == "websocket");
  CHECK(ask(handshake(), {}, "HEAD").status == 426);
}

TEST_CASE("a page's origin is that of the host, or one that is allowed") {
  struct {
    const char* origin;
    const char* host;
    bool is_same;
  } const table[] = {
      {"http://example.org", "example.org", true},
      {"https://example.org", "example.org", true},
      {"https://EXAMPLE.org", "example.ORG", true},
      {"http://example.org:8080", "example.org:8080", true},
      {"http://example.org", "example.org:80", true},
      {"https://example.org:443", "example.org", true},
      {"http://[::1]:81", "[::1]:81", true},
      {"http://example.org", "example.org:8080", false},
      {"https://example.org", "example.org:80", false},
      {"http://example.org.evil.example", "example.org", false},
      {"http://evil.example", "example.org", false},
      {"ftp://example.org", "example.org", false},
      {"example.org", "example.org", false},
      {"null", "null", false},
      {"http://", "", false},
      {"", "", false},
  };
  for (const auto& [origin, host, is_same] : table) {
    CAPTURE(origin);
    CAPTURE(host);
    CHECK(websocket::is_same_origin(origin, host) == is_same);
  }
  CHECK(ask(handshake({{"Origin", "http://test.example"}})).status == 101);
  const websocket::options allowing{.origins = {"https://app.example", "https://b.example"}};
  CHECK(ask(handshake({{"Origin", "https://app.example"}}), allowing).status == 101);
  CHECK(ask(handshake({{"Origin", "http://app.example"}}), allowing).status == 403);
  CHECK(ask(handshake({{"Origin", "http://test.example"}}), allowing).status == 101);
  CHECK(ask(handshake({{"Origin", "null"}}), {.origins = {"*"}}).status == 101);
}

TEST_CASE("the subprotocol is the one that the server likes best of those offered") {
  const websocket::options speaks{.subprotocols = {"chat.v2", "chat.v1"}};
  CHECK(ask(handshake({{"Sec-WebSocket-Protocol", "chat.v1, chat.v2"}}), speaks)
            .header("sec-websocket-protocol") == "chat.v2");
  CHECK(ask(handshake({{"Sec-WebSocket-Protocol", "soap"}, {"Sec-WebSocket-Protocol", "chat.v1"}}), speaks)
            .body.starts_with("\x81\x07"
                              "chat.v1"));
  CHECK(!ask(handshake({{"Sec-WebSocket-Protocol", "CHAT.V1"}}), speaks).header("sec-websocket-protocol"));
  CHECK(!ask(handshake(), speaks).header("sec-websocket-protocol"));
}

TEST_CASE("the first offer of compression that can be had is agreed on") {
  const auto agreed = [](std::string_view offer) {
    const auto reply = ask(handshake({{"Sec-WebSocket-Extensions", std::string{offer}}}));
    CHECK(reply.status == 101);
    return std::string{reply.header("sec-websocket-extensions").value_or("none")};
  };
  CHECK(agreed("permessage-deflate; client_max_window_bits") ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "server_max_window_bits=12; "
        "client_max_window_bits=12");
  CHECK(
      agreed("permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9") ==
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9");
  CHECK(agreed("permessage-bzip2") == "none");
  CHECK(agreed("permessage-deflate; server_max_window_bits=8") == "none");
}
