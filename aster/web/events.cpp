#include "aster/web/events.hpp"

#include <stdexcept>

namespace aster::web {
namespace {

constexpr std::string_view line_breaks{"\r\n\0", 3};

void append_line(std::string& to, std::string_view field, std::string_view value) {
  to.append(field).append(": ").append(value).append("\n");
}

}  // namespace

void event_stream::send(const event& e) {
  if (e.name.find_first_of(line_breaks) != std::string_view::npos ||
      e.id.find_first_of(line_breaks) != std::string_view::npos)
    throw std::invalid_argument("web: an event's name and id have no line break");
  buffer_.clear();
  if (!e.name.empty()) append_line(buffer_, "event", e.name);
  if (!e.id.empty()) append_line(buffer_, "id", e.id);
  // Each line of the data has a line of its own; a CR ends one too.
  std::string_view rest = e.data;
  for (;;) {
    const std::size_t end = rest.find_first_of("\r\n");
    append_line(buffer_, "data", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  buffer_ += '\n';
  out_.write(buffer_);
}

void event_stream::ping() { out_.write(":\n\n"); }

void event_stream::retry_after(std::chrono::milliseconds wait) {
  out_.write("retry: " + std::to_string(wait.count()) + "\n\n");
}

}  // namespace aster::web
