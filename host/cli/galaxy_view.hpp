// A galaxy as a person reads it in a terminal.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "host/cli/terminal.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::cli {

/// A line for each service, and below those that are not well the reason.
std::string service_table(const galaxy::galaxy_status& now, const terminal& screen);

/// A line for each instance. `now_seconds`: since 1970.
std::string instance_table(const galaxy::galaxy_status& now, std::int64_t now_seconds,
                           const terminal& screen);

/// "18:59:50  shortener-1  well  shortener-1 is well". The time is of this machine's zone.
std::string event_line(const galaxy::event& e, const terminal& screen);

/// Lines of several consoles on one: each behind its instance's name, in a colour of its own.
class log_printer {
 public:
  explicit log_printer(const terminal& screen) : screen_(screen) {}
  /// With a newline.
  std::string line(const galaxy::log_line& line);
  /// What has happened, among them: "* | paste-1 ended: exit code 0".
  std::string remark(const galaxy::event& e);

 private:
  std::string behind(std::string_view name, colour c, std::string_view text);

  const terminal& screen_;
  std::map<std::string, colour, std::less<>> colours_;
  std::size_t width_ = 10;
};

/// `text` without what a terminal could take for orders; colours (SGR) stay where there are some.
std::string harmless(std::string_view text, bool keep_colours);

/// "crash loop" of crash_loop.
std::string state_text(galaxy::service_state s);
std::string state_text(galaxy::instance_state s);

}  // namespace aster::host::cli
