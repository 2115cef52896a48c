// The cases of cases.txt over a connection in memory: each in one piece, cut in two, and byte by byte.
#include <doctest/doctest.h>

#include <charconv>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/grammar.hpp"
#include "aster/http/test/conversation.hpp"
#include "tests/http/application.hpp"

namespace http = aster::http;
namespace task = aster::task;

namespace {

constexpr std::string_view probe = "GET /probe HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
constexpr std::string_view pause = "<pause>";

struct conformance_case {
  int line = 0;
  std::vector<std::string> statuses;
  std::string connection, bytes;
  std::vector<std::string> checks;
};

std::vector<std::string> split(std::string_view text, std::string_view by) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(by);
    if (!text.substr(0, at).empty()) parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + by.size());
  }
}

/// Columns end with " |" before a blank or the end of the line, and begin with a blank.
std::vector<std::string> columns(std::string_view line) {
  std::vector<std::string> result{""};
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line.substr(i).starts_with(" |") && (i + 2 == line.size() || line[i + 2] == ' ')) {
      result.emplace_back();
      ++i;
    } else {
      result.back() += line[i];
    }
  }
  for (std::size_t i = 1; i < result.size(); ++i)
    if (result[i].starts_with(' ')) result[i].erase(0, 1);
  return result;
}

/// {x*100} is x a hundred times.
std::string repeated(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text.find_first_of("{}", i + 1), star = text.substr(0, end).rfind('*');
    std::size_t times = 0;
    if (text[i] == '{' && end != std::string_view::npos && text[end] == '}' &&
        star != std::string_view::npos && star > i &&
        std::from_chars(text.data() + star + 1, text.data() + end, times).ptr == text.data() + end) {
      while (times-- > 0) result += text.substr(i + 1, star - i - 1);
      i = end;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  constexpr std::string_view line_end = "\u23ce";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(line_end)) {
      result += "\r\n";
      i += line_end.size() - 1;
    } else if (text[i] != '\\') {
      result += text[i];
    } else {
      switch (text.at(++i)) {
        case 'r': result += '\r'; break;
        case 'n': result += '\n'; break;
        case 't': result += '\t'; break;
        case '0': result += '\0'; break;
        case '\\': result += '\\'; break;
        case 'x':
          result += static_cast<char>(http::hex_value(text.at(i + 1)) * 16 + http::hex_value(text.at(i + 2)));
          i += 2;
          break;
        default: throw std::runtime_error("an unknown escape: " + std::string{text});
      }
    }
  }
  return result;
}

std::vector<conformance_case> read_cases() {
  std::ifstream file{CONFORMANCE_CASES};
  std::vector<conformance_case> cases;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto parts = columns(line);
    if (parts.size() != 5)
      throw std::runtime_error("line " + std::to_string(number) + " has not five columns");
    conformance_case c{number, {}, parts[1], unescaped(repeated(parts[2])), split(parts[3], " ; ")};
    if (parts[0] != "wait") c.statuses = split(parts[0], " ");
    cases.push_back(std::move(c));
  }
  return cases;
}

struct answer {
  std::string status, head, body, rest;
  bool has(std::string_view field) const {
    for (const auto& line : split(head, "\r\n"))
      if (http::equals_ignoring_case(line, field) ||
          (!field.contains(": ") && line.size() > field.size() && line[field.size()] == ':' &&
           http::equals_ignoring_case(line.substr(0, field.size()), field)))
        return true;
    return false;
  }
};

std::size_t number_in(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string take_chunks(std::string_view& text) {
  std::string body;
  for (;;) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) throw std::runtime_error("a chunk is cut off");
    const std::size_t size = number_in(text, 16);
    text.remove_prefix(end + 2);
    if (size == 0) break;
    body += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
  for (;;) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) throw std::runtime_error("a trailer is cut off");
    text.remove_prefix(end + 2);
    if (end == 0) return body;
  }
}

/// Takes one response off `text`, whose end is found as for what `expected` says of it.
answer take_answer(std::string_view& text, std::string_view expected) {
  answer a;
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == std::string_view::npos)
    throw std::runtime_error("no response");
  a.head = text.substr(0, end);
  a.status = a.head.substr(9, 3);
  text.remove_prefix(end + 4);
  const bool has_date = a.has("Date");
  if (a.status != "100" && !has_date) throw std::runtime_error("a response without Date");
  if (a.status == "101") {
    a.rest = std::exchange(text, {});
  } else if (expected.ends_with('c')) {
    a.body = std::exchange(text, {});
  } else if (a.status[0] != '1' && a.status != "204" && a.status != "304" && !expected.ends_with('h')) {
    if (a.has("Transfer-Encoding: chunked")) {
      a.body = take_chunks(text);
    } else {
      const std::size_t at = a.head.find("\r\nContent-Length: ");
      if (at == std::string::npos) throw std::runtime_error("a response without an end");
      const std::size_t size = number_in(std::string_view{a.head}.substr(at + 18), 10);
      if (size > text.size()) throw std::runtime_error("a body is cut off");
      a.body = text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return a;
}

void send(http::test::conversation& c, std::string_view bytes, std::size_t cut) {
  if (cut == 1) return c.send_byte_by_byte(bytes);
  c.send(bytes.substr(0, cut));
  task::sleep(std::chrono::milliseconds{1});
  if (cut < bytes.size()) c.send(bytes.substr(cut));
}

/// Empty when all is as expected.
std::string verdict(const conformance_case& which, const conformance::application& app, std::size_t cut) {
  http::test::conversation c{
      [&app](const http::request& req, http::response& res) { app(req, res); }, {}, 1024 * 1024};
  std::string received, bytes = which.bytes;
  if (const std::size_t at = bytes.find(pause); at != std::string::npos) {
    send(c, bytes.substr(0, at), cut);
    received += c.receive();
    bytes.erase(0, at + pause.size());
  }
  const bool is_probed = which.connection == "open" || which.connection == "close";
  if (!bytes.empty()) send(c, bytes, cut);
  if (is_probed) static_cast<void>(c.client().write(probe));
  if (!is_probed) c.finish();
  received += c.receive(std::chrono::seconds{3});
  c.finish();
  received += c.receive(std::chrono::seconds{3});
  task::sleep(std::chrono::milliseconds{1});
  if (!c.ended()) return "the server did not close";

  std::string_view text = received;
  answer last;
  try {
    for (const std::string& expected : which.statuses) {
      last = take_answer(text, expected);
      if (last.status != expected.substr(0, 3)) return "answered " + last.status + " instead of " + expected;
    }
    if (which.connection == "open")
      if (const answer a = take_answer(text, "200"); a.body != "GET /probe []")
        return "the probe got " + a.body;
  } catch (const std::exception& e) {
    return std::string{e.what()} + " in: " + received;
  }
  if (!text.empty()) return "an answer too many: " + std::string{text};
  for (const std::string& check : which.checks) {
    if (check.starts_with("body=")) {
      if (last.body != unescaped(check.substr(5))) return "the body is: " + last.body;
    } else if (check.starts_with("rest=")) {
      if (last.rest != unescaped(check.substr(5))) return "behind the head comes: " + last.rest;
    } else if (check.starts_with('!')) {
      if (last.has(check.substr(1))) return "there is a " + check.substr(1) + " in: " + last.head;
    } else if (!last.has(check)) {
      return "there is no " + check + " in: " + last.head;
    }
  }
  return {};
}

void check_all(auto cut_of) {
  const auto cases = read_cases();
  const conformance::application app;
  REQUIRE(cases.size() >= 300);
  for (const conformance_case& each : cases) {
    std::string told;
    task::simulation world;
    world.run([&] { told = verdict(each, app, cut_of(each)); });
    CAPTURE(each.line);
    INFO(told);
    CHECK(told.empty());
  }
}

}  // namespace

TEST_CASE("each case in one piece") {
  check_all([](const conformance_case& c) { return c.bytes.size(); });
}

TEST_CASE("each case cut in two") {
  check_all([](const conformance_case& c) { return std::max<std::size_t>(2, c.bytes.size() * 2 / 3); });
}

TEST_CASE("each case byte by byte") {
  // What is long has one size of it in another case.
  check_all([](const conformance_case& c) { return c.bytes.size() < 4000 ? 1 : c.bytes.size() - 1; });
}
