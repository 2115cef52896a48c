// What the Autobahn test suite asks of a server, written anew and in small: the numbers are those of its
// cases (https://github.com/crossbario/autobahn-testsuite). An echo is talked to in memory, through HTTP and
// all.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task/simulation.hpp"
#include "aster/websocket/accept.hpp"
#include "aster/websocket/test/client.hpp"

using namespace aster;
using namespace std::string_literals;
using websocket::close_code;
using websocket::frame_options;
using websocket::message;
using websocket::message_type;
using websocket::opcode;

namespace {

constexpr web::route<"/"> home;

constexpr frame_options part{.is_last = false};

void echo(websocket::socket& ws) {
  while (const auto m = ws.receive())
    if (!ws.send(*m)) break;
}

/// One conversation with the echo, told as what is sent and all that is heard.
class one_case {
 public:
  explicit one_case(const char* number, const char* extensions = "")
      : number_(number), extensions_(extensions) {}

  one_case& send(opcode o, std::string_view payload, frame_options options = {}) {
    steps_.push_back([=, text = std::string{payload}](auto& ws) { ws.send_frame(o, text, options); });
    return *this;
  }
  one_case& text(std::string_view payload, frame_options options = {}) {
    return send(opcode::text, payload, options);
  }
  one_case& more(std::string_view payload, frame_options options = {}) {
    return send(opcode::continuation, payload, options);
  }
  one_case& ping(std::string_view payload) { return send(opcode::ping, payload); }
  /// Bytes as they are, in parts of `size`.
  one_case& raw(std::string_view bytes, std::size_t size) {
    steps_.push_back([=, all = std::string{bytes}](auto& ws) {
      for (std::string_view rest = all; !rest.empty(); rest.remove_prefix(std::min(size, rest.size()))) {
        ws.send_raw(rest.substr(0, size));
        task::yield();
      }
    });
    return *this;
  }
  /// Awaits the echo of a message: what is wrong ends the connection at once, also for what was not answered
  /// yet.
  one_case& hear() {
    steps_.push_back([this](auto& ws) { heard_.push_back(ws.receive().value().data); });
    return *this;
  }
  one_case& close_frame(std::string_view payload) { return send(opcode::close, payload); }

  /// All of this is heard, pongs as "pong:…", and then the close code.
  void expect(const std::vector<std::string>& expected, close_code code) {
    CAPTURE(number_);
    task::simulation world;
    world.run([&] {
      web::app app{web::get(home, [](const web::request& req) {
        return websocket::accept(req, echo, {.limits = {.frame = 1 << 22, .message = 1 << 22}});
      })};
      websocket::test::client ws{
          app, "/", {.headers = {{"Sec-WebSocket-Extensions", extensions_}}, .capacity = 1 << 24}};
      REQUIRE(ws.answer().status == 101);
      for (const auto& step : steps_) step(ws);
      if (code == close_code::normal) ws.send_frame(opcode::close, "\x03\xe8");
      while (const auto m = ws.receive()) heard_.push_back(m->data);
      for (const std::string& each : ws.pongs()) heard_.push_back("pong:" + each);
      CHECK(heard_ == expected);
      CHECK(ws.ended()->code == code);
    });
  }

 private:
  std::string number_, extensions_;
  std::vector<std::string> heard_;
  std::vector<std::function<void(websocket::test::client_base&)>> steps_;
};

void normal(one_case& c, const std::vector<std::string>& expected) { c.expect(expected, close_code::normal); }
void wrong(one_case& c, const std::vector<std::string>& before = {}) {
  c.expect(before, close_code::protocol_error);
}
void no_text(one_case& c, const std::vector<std::string>& before = {}) {
  c.expect(before, close_code::invalid_payload);
}

std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}.append(reason);
}

std::string masked(opcode o, std::string_view payload) {
  std::string frame;
  websocket::append_masked_frame(frame, o, payload, {0x37, 0xfa, 0x21, 0x3d});
  return frame;
}

constexpr std::string_view kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";  // κόσμε
const std::string mixed = "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!";

}  // namespace

TEST_CASE("1: framing, every kind of length, whole and chopped") {
  for (const opcode o : {opcode::text, opcode::binary})
    for (const std::size_t size : {0, 125, 126, 127, 128, 65535, 65536}) {
      const std::string payload(size, o == opcode::text ? '*' : '\xfe');
      normal(one_case{"1.1, 1.2"}.send(o, payload), {payload});
      normal(one_case{"1.1.8, 1.2.8"}.raw(masked(o, payload), 997), {payload});
    }
}

TEST_CASE("2: pings and pongs") {
  normal(one_case{"2.1"}.ping(""), {"pong:"});
  normal(one_case{"2.2"}.ping("Hello, world!"), {"pong:Hello, world!"});
  normal(one_case{"2.3"}.ping("\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s),
         {"pong:\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s});
  const std::string most(125, '\xfe');
  normal(one_case{"2.4"}.ping(most), {"pong:" + most});
  wrong(one_case{"2.5"}.raw(masked(opcode::ping, std::string(126, '\xfe')), 1000));
  normal(one_case{"2.6"}.raw(masked(opcode::ping, most), 1), {"pong:" + most});
  normal(one_case{"2.7"}.send(opcode::pong, ""), {});
  normal(one_case{"2.8"}.send(opcode::pong, "unsolicited"), {});
  normal(one_case{"2.9"}.send(opcode::pong, "unsolicited").ping("ping"), {"pong:ping"});
}

TEST_CASE("3: reserved bits") {
  const std::string hello = masked(opcode::text, "Hello");
  for (const int bits : {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70}) {
    std::string bad = hello, bad_ping = masked(opcode::ping, "x"), bad_close = masked(opcode::close, "");
    for (std::string* each : {&bad, &bad_ping, &bad_close}) (*each)[0] = static_cast<char>((*each)[0] | bits);
    wrong(one_case{"3.1, 3.4"}.raw(bad, 1000));
    wrong(one_case{"3.3"}.raw(bad, 1));
    wrong(one_case{"3.5"}.raw(bad_ping, 1000));
    wrong(one_case{"3.7"}.raw(bad_close, 1000));
  }
}

TEST_CASE("4: opcodes that are none") {
  for (const int o : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    for (const std::string_view payload : {"", "reserved opcode payload"})
      wrong(one_case{"4.1, 4.2"}.send(static_cast<opcode>(o), payload));
}

TEST_CASE("5: fragments") {
  wrong(one_case{"5.1"}.send(opcode::ping, "fragment1", part));
  wrong(one_case{"5.2"}.send(opcode::pong, "fragment1", part));
  normal(one_case{"5.3"}.text("fragment1", part).more("fragment2"), {"fragment1fragment2"});
  normal(one_case{"5.5"}.raw(masked(opcode::text, "fragment1fragment2"), 1), {"fragment1fragment2"});
  normal(one_case{"5.6"}.text("fragment1", part).ping("ping").more("fragment2"),
         {"fragment1fragment2", "pong:ping"});
  wrong(one_case{"5.9"}.more("non-continuation payload"));
  wrong(one_case{"5.12"}.more("non-continuation payload", part).text("Hello"));
  wrong(one_case{"5.15"}
            .text("fragment1", part)
            .more("fragment2")
            .hear()
            .more("fragment3", part)
            .text("fragment4"),
        {"fragment1fragment2"});
  wrong(one_case{"5.18"}.text("fragment1", part).text("fragment2"));
  one_case many{"5.19"};
  many.text("fragment1", part)
      .more("fragment2", part)
      .ping("a")
      .more("fragment3", part)
      .more("fragment4", part);
  many.ping("b").more("fragment5");
  many.expect({"fragment1fragment2fragment3fragment4fragment5", "pong:b"}, close_code::normal);
}

TEST_CASE("6.1 to 6.4: empty texts, and where a wrong byte is noticed") {
  normal(one_case{"6.1.1"}.text(""), {""});
  normal(one_case{"6.1.2"}.text("", part).more("", part).more(""), {""});
  normal(one_case{"6.1.3"}.text("", part).more("middle", part).more(""), {"middle"});
  normal(one_case{"6.2.1"}.text(mixed), {mixed});
  normal(one_case{"6.2.2"}.text(mixed.substr(0, 12), part).more(mixed.substr(12)), {mixed});
  one_case bytes{"6.2.3"};
  bytes.text(mixed.substr(0, 1), part);
  for (std::size_t i = 1; i + 1 < mixed.size(); ++i) bytes.more(mixed.substr(i, 1), part);
  normal(bytes.more(mixed.substr(mixed.size() - 1)), {mixed});
  const std::string bad = std::string{kosme} + "\xed\xa0\x80" + "edited";
  no_text(one_case{"6.3.1"}.text(bad));
  // Nothing follows: the wrong byte alone must do (6.4.1 to 6.4.4).
  no_text(one_case{"6.4.1"}.text(kosme, part).more("\xf4\x90\x80\x80", part));
  no_text(one_case{"6.4.2"}.text(std::string{kosme} + "\xf4", part).more("\x90", part));
  const std::string chopped = masked(opcode::text, std::string{kosme} + "\xf4\x90\x80\x80" + "edited");
  no_text(one_case{"6.4.3"}.raw(std::string_view{chopped}.substr(0, 6 + 11 + 2), 1000));
  no_text(one_case{"6.4.4"}.raw(std::string_view{chopped}.substr(0, 6 + 11 + 2), 1));
}

TEST_CASE("6.5 to 6.23: texts that are UTF-8, and texts that are not") {
  const std::string good[] = {
      "Hello World!",
      "Hello\xc2\xb5World",
      mixed,  // 6.5
      std::string{kosme},
      "\xce\xba\xe1\xbd\xb9",
      "\xce\xba",  // 6.6
      "\x00"s,
      "\xc2\x80",
      "\xe0\xa0\x80",
      "\xf0\x90\x80\x80",  // 6.7
      "\x7f",
      "\xdf\xbf",
      "\xef\xbf\xbf",
      "\xf4\x8f\xbf\xbf",  // 6.9
      "\xed\x9f\xbf",
      "\xee\x80\x80",
      "\xef\xbf\xbd",  // 6.11
      "\xef\xbf\xbe",
      "\xef\xbf\xbf",
      "\xf0\x9f\xbf\xbe",
      "\xf4\x8f\xbf\xbe",  // 6.22
      "\xef\xbf\xba",
      "\xef\xbf\xbb",
      "\xef\xbf\xbc",  // 6.23
  };
  const std::string bad[] = {
      "\xce",
      "\xce\xba\xe1",
      "\xce\xba\xe1\xbd",  // 6.6
      "\xf8\x88\x80\x80\x80",
      "\xfc\x84\x80\x80\x80\x80",  // 6.8
      "\xf7\xbf\xbf\xbf",
      "\xfb\xbf\xbf\xbf\xbf",
      "\xfd\xbf\xbf\xbf\xbf\xbf",  // 6.10
      "\xf4\x90\x80\x80",          // 6.11
      "\x80",
      "\xbf",
      "\x80\xbf",
      "\x80\xbf\x80",
      "\x80\xbf\x80\xbf\x80\xbf",  // 6.12
      "\xc0 \xc1 \xc2 ",
      "\xe0 \xe1 \xef ",
      "\xf0 \xf4 \xf7 ",
      "\xf8 \xfb ",
      "\xfc \xfd ",  // 6.13
      "\xc0",
      "\xe0\x80",
      "\xf0\x80\x80",
      "\xdf",
      "\xef\xbf",
      "\xf7\xbf\xbf",                              // 6.14
      "\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80",  // 6.15
      "\xfe",
      "\xff",
      "\xfe\xfe\xff\xff",  // 6.16
      "\xc0\xaf",
      "\xe0\x80\xaf",
      "\xf0\x80\x80\xaf",
      "\xf8\x80\x80\x80\xaf",  // 6.17
      "\xc1\xbf",
      "\xe0\x9f\xbf",
      "\xf0\x8f\xbf\xbf",
      "\xf8\x87\xbf\xbf\xbf",  // 6.18
      "\xc0\x80",
      "\xe0\x80\x80",
      "\xf0\x80\x80\x80",
      "\xf8\x80\x80\x80\x80",  // 6.19
      "\xed\xa0\x80",
      "\xed\xad\xbf",
      "\xed\xae\x80",
      "\xed\xaf\xbf",
      "\xed\xb0\x80",
      "\xed\xbf\xbf",  // 6.20
      "\xed\xa0\x80\xed\xb0\x80",
      "\xed\xad\xbf\xed\xb0\x80",
      "\xed\xaf\xbf\xed\xbf\xbf",  // 6.21
  };
  for (const std::string& text : good) normal(one_case{"6.x"}.text(text), {text});
  for (const std::string& text : bad) {
    CAPTURE(text);
    no_text(one_case{"6.x"}.text("good").hear().text(text), {"good"});
  }
}

TEST_CASE("7: closing") {
  normal(one_case{"7.1.1"}.text("Hello World!"), {"Hello World!"});
  one_case{"7.1.3"}.close_frame(close_payload(1000)).ping("after").expect({}, close_code::normal);
  one_case{"7.1.4"}.close_frame(close_payload(1000)).text("after").expect({}, close_code::normal);
  one_case{"7.1.5"}
      .text("fragment1", part)
      .close_frame(close_payload(1000))
      .more("fragment2")
      .expect({}, close_code::normal);
  const std::string large(256 * 1024, 'B');
  one_case{"7.1.6"}
      .text(large)
      .text("Hello")
      .close_frame(close_payload(1000))
      .ping("x")
      .expect({large, "Hello"}, close_code::normal);
  one_case{"7.3.1"}.close_frame("").expect({}, close_code::none);
  wrong(one_case{"7.3.2"}.close_frame("a"));
  one_case{"7.3.3"}.close_frame(close_payload(1000)).expect({}, close_code::normal);
  one_case{"7.3.4"}.close_frame(close_payload(1000, "Hello World!")).expect({}, close_code::normal);
  one_case{"7.3.5"}.close_frame(close_payload(1000, std::string(123, '*'))).expect({}, close_code::normal);
  wrong(one_case{"7.3.6"}.close_frame(close_payload(1000, std::string(124, '*'))));
  no_text(one_case{"7.5.1"}.close_frame(close_payload(1000, std::string{kosme} + "\xed\xa0\x80" + "edited")));
  for (const unsigned code :
       {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 3000u, 3999u, 4000u, 4999u})
    one_case{"7.7"}.close_frame(close_payload(code)).expect({}, static_cast<close_code>(code));
  for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u})
    wrong(one_case{"7.9, 7.13"}.close_frame(close_payload(code)));
}

TEST_CASE("9: large messages, in one frame, in many, and in small pieces") {
  for (const opcode o : {opcode::text, opcode::binary})
    for (const std::size_t size : {64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024}) {
      const std::string payload(size, '*');
      normal(one_case{"9.1, 9.2"}.send(o, payload), {payload});
    }
  const std::string payload(1024 * 1024, '*');
  for (const std::size_t size : {64, 1024, 16 * 1024, 256 * 1024}) {
    one_case fragments{"9.3, 9.4"};
    fragments.text("", part);
    for (std::size_t at = 0; at < payload.size(); at += size) fragments.more(payload.substr(at, size), part);
    normal(fragments.more(""), {payload});
  }
  for (const std::size_t size : {128, 1024, 2048})
    normal(one_case{"9.5"}.raw(masked(opcode::text, payload), size), {payload});
  one_case{"9.x"}.text(std::string((4 << 20) + 1, '*')).expect({}, close_code::message_too_big);
}

TEST_CASE("10: frames of several sizes make one message") {
  const std::string payload(65536, '*');
  one_case auto_fragment{"10.1"};
  auto_fragment.text(payload.substr(0, 1300), part);
  std::size_t at = 1300;
  for (; at + 1300 < payload.size(); at += 1300) auto_fragment.more(payload.substr(at, 1300), part);
  normal(auto_fragment.more(payload.substr(at)), {payload});
}

TEST_CASE("12 and 13: compressed, for every agreement, of every size") {
  const char* const offers[] = {
      "permessage-deflate",
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
      "permessage-deflate; client_max_window_bits=9; server_max_window_bits=9",
      "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15",
      "permessage-deflate; client_no_context_takeover; client_max_window_bits=9; server_max_window_bits=9",
      "permessage-deflate; client_no_context_takeover; client_max_window_bits=15; server_max_window_bits=15",
      "permessage-deflate; client_max_window_bits=8; server_max_window_bits=8, permessage-deflate",
  };
  for (const char* offer : offers)
    for (const bool keeps_context : {false, true}) {
      CAPTURE(offer);
      task::simulation world;
      world.run([&] {
        web::app app{web::get(home, [&](const web::request& req) {
          return websocket::accept(req, echo,
                                   {.compression = {.keeps_context = keeps_context, .window = 15}});
        })};
        websocket::test::client ws{app, "/", {.headers = {{"Sec-WebSocket-Extensions", offer}}}};
        REQUIRE(ws.answer().header("sec-websocket-extensions"));
        for (const std::size_t size : {16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072})
          for (int round = 0; round < 5; ++round) {
            std::string json;
            for (std::size_t i = 0; json.size() < size; ++i)
              json.append("{\"id\": ")
                  .append(std::to_string(i * 7919 + static_cast<std::size_t>(round)))
                  .append("},\n");
            json.resize(size);
            ws.send(json);
            CHECK(ws.receive() == message{message_type::text, json});
          }
        ws.close();
        CHECK(ws.ended()->code == close_code::normal);
      });
    }
  const frame_options compressed_part{.is_last = false, .is_compressed = true};
  const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
  normal(
      one_case{"12.x", offers[0]}.text(hello.substr(0, 4), compressed_part).ping("p").more(hello.substr(4)),
      {"Hello", "pong:p"});
  wrong(one_case{"12.x", offers[0]}
            .text(hello.substr(0, 4), compressed_part)
            .more(hello.substr(4), {.is_compressed = true}));
  no_text(one_case{"12.x", offers[0]}.text("Hello", {.is_compressed = true}));
}
