// What an edge writes down of each request: the usual lines of a server, and the service behind it.
//
//   10.0.2.2 - - [24/Nov/2026:19:00:00 +0000] "GET /s/xvw HTTP/1.1" 302 0 "" "curl/8" shortener 0af7651916…
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aster/http/access_log.hpp"
#include "aster/task/event.hpp"

namespace aster::proxy {

enum class log_form : std::uint8_t { none, text, json };

/// "none", "text" or "json".
std::optional<log_form> log_form_named(std::string_view name);

/// A line without its end. Without a service, "-" or no member.
std::string to_log_line(const http::access_record& record, std::string_view service, log_form form);

/// Standard output, to which lines go together when the machine has nothing else to do: a line for each of
/// ten thousand requests a second is ten thousand writes otherwise.
class log_output {
 public:
  void add(std::string line);
  void flush() noexcept;
  ~log_output() { flush(); }
  log_output() = default;
  log_output(const log_output&) = delete;
  log_output& operator=(const log_output&) = delete;

 private:
  std::string held_;
  task::before_wait hook_{[](void* self) { static_cast<log_output*>(self)->flush(); }, this};
};

}  // namespace aster::proxy
