#include "aster/http/access_log.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "aster/http/date.hpp"

namespace aster::http {
namespace {

constexpr std::int64_t second = 1'000'000'000;  // in nanoseconds
constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_plain(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

/// Everything but printable ASCII as `escape` and two hexadecimal digits.
void append_escaped(std::string& to, std::string_view text, std::string_view escape) {
  for (const char c : text) {
    if (is_plain(c)) {
      to += c;
    } else if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      to += escape;
      to += hex_digits[byte >> 4];
      to += hex_digits[byte & 15];
    }
  }
}

template <class Number>
void append_number(std::string& to, Number value) {
  std::array<char, 20> digits;
  to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

std::int64_t seconds_of(const access_record& r) {
  return (r.time - ((r.time % second) + second) % second) / second;
}

/// [06/Nov/1994:08:49:37 +0000]
void append_common_time(std::string& to, const access_record& r) {
  const date_text date = format_date(seconds_of(r));  // Sun, 06 Nov 1994 08:49:37 GMT
  const std::string_view text{date.data(), date.size()};
  to.append("[").append(text.substr(5, 2)).append("/").append(text.substr(8, 3)).append("/");
  to.append(text.substr(12, 4)).append(":").append(text.substr(17, 8)).append(" +0000]");
}

/// 1994-11-06T08:49:37.123Z
void append_json_time(std::string& to, const access_record& r) {
  const date_text date = format_date(seconds_of(r));
  const std::string_view text{date.data(), date.size()};
  const std::size_t month =
      std::string_view{"JanFebMarAprMayJunJulAugSepOctNovDec"}.find(text.substr(8, 3)) / 3 + 1;
  to.append(text.substr(12, 4)).append(month < 10 ? "-0" : "-");
  append_number(to, month);
  to.append("-").append(text.substr(5, 2)).append("T").append(text.substr(17, 8)).append(".");
  const std::int64_t milliseconds = (r.time - seconds_of(r) * second) / 1'000'000;
  to.append(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "");
  append_number(to, milliseconds);
  to += 'Z';
}

void append_quoted(std::string& to, std::string_view text) {
  to += " \"";
  if (text.empty())
    to += '-';
  else
    append_escaped(to, text, "\\x");
  to += '"';
}

void append_member(std::string& to, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  to.append(",\"").append(name).append("\":\"");
  append_escaped(to, text, "\\u00");
  to += '"';
}

void print(std::string line) {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

std::string to_common_line(const access_record& r) {
  std::string line = net::to_string(r.remote.address);
  line += " - - ";
  append_common_time(line, r);
  if (r.method.empty()) {
    append_quoted(line, {});
  } else {
    std::string request{r.method};
    request.append(" ").append(r.target).append(r.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1");
    append_quoted(line, request);
  }
  line += ' ';
  append_number(line, r.status);
  line += ' ';
  append_number(line, r.bytes);
  return line;
}

std::string to_combined_line(const access_record& r) {
  std::string line = to_common_line(r);
  append_quoted(line, r.referer);
  append_quoted(line, r.user_agent);
  return line;
}

std::string to_json_line(const access_record& r) {
  std::string line{"{\"time\":\""};
  append_json_time(line, r);
  line += '"';
  append_member(line, "remote", net::to_string(r.remote.address));
  append_member(line, "method", r.method);
  append_member(line, "target", r.target);
  if (!r.method.empty()) append_member(line, "protocol", r.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1");
  line += ",\"status\":";
  append_number(line, r.status);
  line += ",\"bytes\":";
  append_number(line, r.bytes);
  line += ",\"duration\":";
  append_number(line, r.duration.count() / 1000);
  line.append(",\"whole\":").append(r.is_whole ? "true" : "false");
  append_member(line, "referer", r.referer);
  append_member(line, "user_agent", r.user_agent);
  append_member(line, "request_id", r.request_id);
  return line += '}';
}

void print_common(const access_record& r) { print(to_common_line(r)); }
void print_combined(const access_record& r) { print(to_combined_line(r)); }
void print_json(const access_record& r) { print(to_json_line(r)); }

}  // namespace aster::http
