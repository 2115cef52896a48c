#include "aster/proxy/edge_log.hpp"

#include <unistd.h>

#include <utility>

#include "aster/json/write.hpp"

namespace aster::proxy {

std::optional<log_form> log_form_named(std::string_view name) {
  if (name == "none") return log_form::none;
  if (name == "text") return log_form::text;
  if (name == "json") return log_form::json;
  return std::nullopt;
}

std::string to_log_line(const http::access_record& record, std::string_view service, log_form form) {
  switch (form) {
    case log_form::none: return {};
    case log_form::text: {
      std::string line = http::to_combined_line(record);
      line.append(" ").append(service.empty() ? "-" : service);
      line.append(" ").append(record.request_id.empty() ? "-" : record.request_id);
      return line;
    }
    case log_form::json: {
      std::string line = http::to_json_line(record);
      if (service.empty()) return line;
      line.pop_back();  // the brace
      line += ",\"service\":";
      json::append_string(line, service);
      line += '}';
      return line;
    }
  }
  return {};
}

void log_output::add(std::string line) {
  constexpr std::size_t enough = std::size_t{16} * 1024;
  held_.append(line).append("\n");
  if (held_.size() >= enough) flush();
}

void log_output::flush() noexcept {
  const char* at = held_.data();
  for (std::size_t left = held_.size(); left > 0;) {
    const ssize_t written = write(STDOUT_FILENO, at, left);
    if (written <= 0) break;  // nobody reads it
    at += written;
    left -= static_cast<std::size_t>(written);
  }
  held_.clear();
}

}  // namespace aster::proxy
