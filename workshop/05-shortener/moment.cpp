#include "moment.hpp"

#include <string_view>

namespace {

void append_two_digits(std::string& to, unsigned value) {
  to += static_cast<char>('0' + value / 10 % 10);
  to += static_cast<char>('0' + value % 10);
}

std::string ago(long long count, std::string_view unit) {
  std::string text = std::to_string(count);
  text.append(" ").append(unit).append(count == 1 ? " ago" : "s ago");
  return text;
}

}  // namespace

std::string date_text(instant at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  std::string text = std::to_string(static_cast<int>(date.year()));
  text += '-';
  append_two_digits(text, static_cast<unsigned>(date.month()));
  text += '-';
  append_two_digits(text, static_cast<unsigned>(date.day()));
  return text;
}

std::string instant_text(instant at) {
  const std::chrono::hh_mm_ss time{at - std::chrono::floor<std::chrono::days>(at)};
  std::string text = date_text(at) + "T";
  append_two_digits(text, static_cast<unsigned>(time.hours().count()));
  text += ':';
  append_two_digits(text, static_cast<unsigned>(time.minutes().count()));
  text += ':';
  append_two_digits(text, static_cast<unsigned>(time.seconds().count()));
  return text + "Z";
}

std::string age_text(instant at, instant now) {
  const long long seconds = (now - at).count();
  if (seconds < 60) return "just now";
  if (seconds < 60 * 60) return ago(seconds / 60, "minute");
  if (seconds < 24 * 60 * 60) return ago(seconds / (60 * 60), "hour");
  if (seconds < 60 * 24 * 60 * 60) return ago(seconds / (24 * 60 * 60), "day");
  return date_text(at);
}
