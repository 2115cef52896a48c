// One line of the control channel (abi/control.hpp), read from a stream that nobody should trust.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace aster::host {

namespace control {
struct exited {
  int code;  // 0–255
};
struct panic {
  std::string text;
};
struct in_fiber {
  std::string name;
};
struct register_value {
  std::string name;
  std::uint64_t value;
};
struct frame {
  std::uint64_t address;  // offset from the image's base unless `absolute`
  bool absolute;
};
struct end {};
struct unserved {
  int number;
};
struct system_call {
  std::uint64_t start;     // nanoseconds
  std::uint64_t duration;  // nanoseconds
  int number;
  std::array<std::uint64_t, 6> arguments;
  std::optional<std::int64_t> result;  // nothing: the call does not return
  std::string fiber;
  std::string text;  // the path or the written bytes' beginning; may hold any byte
};
/// The image reads its console from now on.
struct input {};
struct note {
  std::string text;
};
/// The program can be used from now on.
struct ready {};
/// The image answers questions from now on.
struct answers {};
/// A line of an answer.
struct answer {
  std::string id;
  std::string rest;  // "end", or what answer_line.hpp reads
};
/// Shown as it is, and otherwise ignored.
struct malformed {
  std::string line;
};
}  // namespace control

using control_record =
    std::variant<control::exited, control::panic, control::in_fiber, control::register_value, control::frame,
                 control::end, control::unserved, control::system_call, control::input, control::note,
                 control::ready, control::answers, control::answer, control::malformed>;

/// Reads one line without its newline.
control_record parse_control_line(std::string_view line);

/// `text` with everything but printable ASCII as \xNN, so that it can do nothing to a terminal.
std::string escaped(std::string_view text);

/// Cuts a stream into lines. A line longer than abi::control_line_limit is given in pieces of that size.
class control_splitter {
 public:
  explicit control_splitter(std::function<void(std::string_view)> line) : line_(std::move(line)) {}
  void feed(std::string_view bytes);
  /// The stream has ended. What is left is no line: its end is missing, and "exit 1" may have been "exit
  /// 134".
  std::string finish();

 private:
  std::function<void(std::string_view)> line_;
  std::string pending_;
};

}  // namespace aster::host
