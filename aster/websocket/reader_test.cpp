#include "aster/websocket/reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace aster::websocket;
using namespace std::string_literals;

namespace {

constexpr limits small{.frame = 1000, .message = 1500};

/// A client's frame: the first byte as it is, the payload masked.
std::string frame(int first, std::string_view payload) {
  std::string text;
  append_masked_frame(text, opcode::text, payload, {0x12, 0x34, 0xab, 0xcd});
  text[0] = static_cast<char>(first);
  return text;
}

enum : int {  // first bytes
  last_part = 0x80,
  part = 0x00,
  text = 0x81,
  text_begins = 0x01,
  binary = 0x82,
  binary_begins = 0x02,
  close_ = 0x88,
  ping = 0x89,
  pong = 0x8a,
  small_text = 0xc1,
  small_text_begins = 0x41,
};

std::string close_payload(int code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)}.append(reason);
}

/// All that is read from the bytes, in words; `cut`: bytes that come at a time.
std::string read_in_parts(std::string_view bytes, std::size_t cut, std::optional<compression> compressed,
                          side from) {
  reader in{from, small, compressed};
  std::string said;
  while (!bytes.empty()) {
    std::string_view rest = bytes.substr(0, cut);
    bytes.remove_prefix(rest.size());
    for (bool more = true; more;) {
      if (!said.empty() && !said.ends_with(' ')) said += ' ';
      switch (in.read(rest)) {
        case reader::event::nothing: more = false; break;
        case reader::event::message:
          said += in.type() == message_type::text ? "text:" : "binary:";
          said += in.take();
          break;
        case reader::event::ping: said.append("ping:").append(in.control()); break;
        case reader::event::pong: said.append("pong:").append(in.control()); break;
        case reader::event::close:
          said.append("close:").append(std::to_string(number(in.closing_code()))).append(in.control());
          return said;
        case reader::event::failure:
          CHECK(in.failure() != std::string_view{});
          said.append("failure:").append(std::to_string(number(in.failure_code())));
          return said;
      }
    }
  }
  while (said.ends_with(' ')) said.pop_back();
  return said;
}

std::string read(std::string_view bytes, std::optional<compression> compressed = {},
                 side from = side::client) {
  const std::string whole = read_in_parts(bytes, bytes.size(), compressed, from);
  for (const std::size_t cut : {1, 2, 3, 7}) CHECK(read_in_parts(bytes, cut, compressed, from) == whole);
  return whole;
}

}  // namespace

TEST_CASE("messages of every size that lengths are told apart by") {
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 999, 1000}) {
    const std::string payload(size, '*');
    CHECK(read(frame(text, payload)) == "text:" + payload);
    CHECK(read(frame(binary, payload)) == "binary:" + payload);
  }
  std::string large(70'000, '\xfe'), bytes;
  append_masked_frame(bytes, opcode::binary, large, {1, 2, 3, 4});
  const limits wide{};
  reader in{side::client, wide};
  std::string_view rest{bytes};
  CHECK(in.read(rest) == reader::event::message);
  CHECK(in.take() == large);
}

TEST_CASE("fragments make one message, and control frames come between them") {
  CHECK(read(frame(text_begins, "Hel") + frame(last_part, "lo")) == "text:Hello");
  CHECK(read(frame(text_begins, "") + frame(part, "") + frame(last_part, "")) == "text:");
  CHECK(read(frame(binary_begins, "a") + frame(ping, "!") + frame(part, "b") + frame(pong, "?") +
             frame(last_part, "c")) == "ping:! pong:? binary:abc");
  CHECK(read(frame(text_begins, "a") + frame(last_part, "b") + frame(text, "c")) == "text:ab text:c");
  CHECK(read(frame(ping, "") + frame(ping, std::string(125, 'p'))) == "ping: ping:" + std::string(125, 'p'));
  // A character that is cut by a fragment's end and by a ping.
  CHECK(read(frame(text_begins, "\xf0\x9f") + frame(ping, "x") + frame(last_part, "\x98\x80")) ==
        "ping:x text:\xf0\x9f\x98\x80");
}

TEST_CASE("what frames may not be is a protocol error, at the first byte that shows it") {
  struct {
    const char* what;
    std::string bytes;
  } const table[] = {
      {"RSV1 without compression", "\xc1"s + "\x80"},
      {"RSV2", "\xa1\x80"s},
      {"RSV3", "\x91\x80"s},
      {"RSV1 in a control frame", "\xc9\x80"s},
      {"opcode 3", "\x83\x80"s},
      {"opcode 7", "\x87\x80"s},
      {"opcode 11", "\x8b\x80"s},
      {"opcode 15", "\x8f\x80"s},
      {"not masked", "\x81\x05"s},
      {"a ping in parts", "\x09\x80"s},
      {"a close in parts", "\x08\x80"s},
      {"a ping of 126 bytes", "\x89\xfe"s},
      {"a close of 64 bits of length", "\x88\xff"s},
      {"a continuation of nothing", frame(last_part, "x").substr(0, 2)},
      {"a part of nothing", frame(part, "x").substr(0, 2)},
      {"a continuation behind the end", frame(text, "x") + frame(last_part, "x").substr(0, 2)},
      {"a text inside of a text", frame(text_begins, "x") + frame(text, "x").substr(0, 2)},
      {"a binary inside of a text", frame(text_begins, "x") + frame(binary_begins, "x").substr(0, 2)},
      {"16 bits for 125", "\x81\xfe\x00\x7d\x00\x00\x00\x00"s},
      {"64 bits for 65535", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00"s},
      {"the highest bit of a length", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s},
  };
  for (const auto& [what, bytes] : table) {
    CAPTURE(what);
    CHECK(read(bytes).ends_with("failure:1002"));
    CHECK(!read(bytes.substr(0, bytes.size() - 1)).contains("failure"));
  }
}

TEST_CASE("a server's frames are not masked") {
  CHECK(read("\x81\x02hi"s, {}, side::server) == "text:hi");
  CHECK(read(frame(text, "hi"), {}, side::server) == "failure:1002");
}

TEST_CASE("a text that is no UTF-8 fails, at once") {
  CHECK(read(frame(text, "\xce\xba\xe1\xbd\xb9")) == "text:\xce\xba\xe1\xbd\xb9");
  CHECK(read(frame(binary, "\xff\xfe")) == "binary:\xff\xfe");
  for (const std::string_view wrong :
       {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abc\xff", "\xe2\x82"})
    CHECK(read(frame(text, wrong)) == "failure:1007");
  // The rest of the message never comes, nor that of the frame.
  const std::string begun = frame(text_begins, "\xce\xba\xf4\x90") + frame(last_part, "\x80\x80");
  CHECK(read(begun) == "failure:1007");
  CHECK(read(frame(text, "abc\xff" + std::string(50, 'x')).substr(0, 10)) == "failure:1007");
  CHECK(read(frame(text_begins, "\xf0\x9f") + frame(last_part, "x")) == "failure:1007");
  CHECK(read(frame(text_begins, "\xf0\x9f") + frame(last_part, "")) == "failure:1007");
}

TEST_CASE("close frames: what they may say, and nothing is read behind them") {
  CHECK(read(frame(close_, "")) == "close:1005");
  CHECK(read(frame(close_, close_payload(1000, "bye")) + frame(text, "x")) == "close:1000bye");
  CHECK(read(frame(text_begins, "x") + frame(close_, close_payload(1001))) == "close:1001");
  CHECK(read(frame(close_, close_payload(1000, std::string(123, '*')))) ==
        "close:1000" + std::string(123, '*'));
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    CHECK(read(frame(close_, close_payload(code))) == "close:" + std::to_string(code));
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    CHECK(read(frame(close_, close_payload(code))) == "failure:1002");
  CHECK(read(frame(close_, "\x03")) == "failure:1002");
  CHECK(read(frame(close_, close_payload(1000, "\xce\xba\xed\xa0\x80"))) == "failure:1007");
  CHECK(read(frame(close_, close_payload(1000, "\xf0\x9f"))) == "failure:1007");
}

TEST_CASE("what is too large is refused when its length is known, before it has come") {
  const std::string thousand(1000, 'x');
  CHECK(read(frame(text, thousand + "x").substr(0, 8)) == "failure:1009");
  CHECK(read(frame(text_begins, thousand) + frame(last_part, thousand.substr(500))) ==
        "text:" + thousand + thousand.substr(500));
  CHECK(read(frame(text_begins, thousand) + frame(last_part, thousand.substr(499)).substr(0, 8)) ==
        "failure:1009");
  CHECK(read("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"s) == "failure:1009");
}

// ---- compressed: the examples of RFC 7692 7.2.3 ----

namespace {
constexpr compression with_context{};
constexpr compression without_context{.keeps_context = false};
const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
}  // namespace

TEST_CASE("the compressed messages of RFC 7692 7.2.3") {
  CHECK(read(frame(small_text, hello), with_context) == "text:Hello");
  CHECK(read(frame(small_text_begins, hello.substr(0, 3)) + frame(last_part, hello.substr(3)),
             with_context) == "text:Hello");
  CHECK(
      read(frame(small_text_begins, hello.substr(0, 3)) + frame(ping, "") + frame(last_part, hello.substr(3)),
           with_context) == "ping: text:Hello");
  // The second refers to the first.
  const std::string again = "\xf2\x00\x11\x00\x00"s;
  CHECK(read(frame(small_text, hello) + frame(small_text, again), with_context) == "text:Hello text:Hello");
  CHECK(read(frame(small_text, hello) + frame(small_text, again), without_context) ==
        "text:Hello failure:1007");
  CHECK(read(frame(small_text, hello) + frame(small_text, hello), without_context) ==
        "text:Hello text:Hello");
  // Stored, and a block that says that it is the last.
  CHECK(read(frame(small_text, "\x00\x05\x00\xfa\xffHello\x00"s), with_context) == "text:Hello");
  CHECK(read(frame(small_text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), with_context) == "text:Hello");
  CHECK(read(frame(small_text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s) + frame(small_text, again),
             with_context) == "text:Hello text:Hello");
  CHECK(read(frame(small_text, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s), with_context) ==
        "text:Hello");
  CHECK(read(frame(small_text, "\x00"s), with_context) == "text:");
}

TEST_CASE("compressed and plain messages may take turns, and parts of one may not") {
  CHECK(read(frame(text, "a") + frame(small_text, hello) + frame(text, "b"), with_context) ==
        "text:a text:Hello text:b");
  CHECK(read(frame(text_begins, "a") + frame(0xc0, hello), with_context) == "failure:1002");
  CHECK(read(frame(0xc9, ""), with_context) == "failure:1002");
}

TEST_CASE("what does not decompress is an invalid payload") {
  CHECK(read(frame(small_text, "\xff\xff\xff\xff"), with_context) == "failure:1007");
  CHECK(read(frame(small_text, "Hello"), with_context) == "failure:1007");
  for (std::size_t size = 1; size + 2 < hello.size();
       ++size) {  // (the last two bytes are the end of the block)
    CAPTURE(size);
    CHECK(read(frame(small_text, hello.substr(0, size)), with_context) == "failure:1007");
  }
  // A block behind the last, and one more, and one more.
  const std::string ended = "\x03\x00"s;
  CHECK(read(frame(small_text, ended + ended + ended + ended + "\x00"s), with_context) == "failure:1007");
  CHECK(read(frame(small_text, "\xf2\x00\x11\x00\x00"s), with_context) ==
        "failure:1007");  // refers to nothing
}

TEST_CASE("a text is UTF-8 when it is decompressed") {
  for (const auto& [content, expected] : {std::pair{"\xce\xba"s, "text:\xce\xba"s},
                                          {"\xce\xff"s, "failure:1007"s},
                                          {"abc\xf0\x9f"s, "failure:1007"s}}) {
    std::string compressed;
    deflater{12, false}.deflate(content, compressed);
    CHECK(read(frame(small_text, compressed), with_context) == expected);
  }
}

TEST_CASE("what inflates beyond the limit is refused as soon as it does") {
  std::string compressed;
  deflater{15, false}.deflate(std::string(1500, 'x'), compressed);
  CHECK(read(frame(small_text, compressed), with_context) == "text:" + std::string(1500, 'x'));
  compressed.clear();
  deflater{15, false}.deflate(std::string(1501, 'x'), compressed);
  CHECK(read(frame(small_text, compressed), with_context) == "failure:1009");
  compressed.clear();
  deflater{15, false}.deflate(std::string(100'000'000, '\0'), compressed);
  CHECK(compressed.size() < 200'000);
  CHECK(read(frame(small_text, compressed.substr(0, 900)), with_context) == "failure:1009");
  // Bytes that inflate to nothing are counted as well.
  std::string nothing;
  for (int i = 0; i < 180; ++i) nothing += "\x00\x00\x00\xff\xff"s;
  std::string bytes = frame(small_text_begins, nothing);
  CHECK(read(bytes, with_context) == "");
  CHECK(read(bytes + frame(part, nothing), with_context) == "failure:1009");
}
