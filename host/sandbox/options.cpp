#include "host/sandbox/options.hpp"

namespace aster::host::sandbox {
namespace {

constexpr int descriptor_limit = 1 << 20;

std::expected<int, complaint> read_descriptor(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') value = descriptor_limit;
    value = value * 10 + (c - '0');
    if (value >= descriptor_limit) break;
  }
  if (text.empty() || value >= descriptor_limit) {
    return std::unexpected(complaint{"is not a descriptor", "write the number of an open one"});
  }
  return value;
}

/// Appends to the boot line; false when it is full.
class boot_line_writer {
 public:
  explicit boot_line_writer(options& out) : out_(out) {}

  void literal(std::string_view text) {
    for (const char c : text) put(c);
  }

  void encoded(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
      if (abi::is_boot_literal(c)) {
        put(c);
      } else {
        put('%');
        put(digits[static_cast<unsigned char>(c) >> 4]);
        put(digits[static_cast<unsigned char>(c) & 15]);
      }
    }
  }

  bool overflowed() const { return overflowed_; }

 private:
  void put(char c) {
    if (out_.boot_line_size == out_.boot_line.size()) {
      overflowed_ = true;
    } else {
      out_.boot_line[out_.boot_line_size++] = c;
    }
  }

  options& out_;
  bool overflowed_ = false;
};

/// The value of ASTER_BOOT, or null.
const char* boot_variable(char* const* environment) {
  const std::string_view name = abi::boot_variable;
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (variable.starts_with(name) && variable.size() > name.size() && variable[name.size()] == '=') {
      return *environment + name.size() + 1;
    }
  }
  return nullptr;
}

std::expected<void, option_complaint> write_boot_line(std::span<char* const> program,
                                                      char* const* environment, options& out) {
  boot_line_writer line(out);
  if (const char* given = boot_variable(environment)) {
    line.literal(given);
  } else {
    for (const char* argument : program) {
      line.literal(out.boot_line_size == 0 ? "arg=" : " arg=");
      line.encoded(argument);
    }
  }
  if (line.overflowed()) {
    return std::unexpected(
        option_complaint{"the boot line", {"is longer than 2048 bytes", "pass less to the image"}});
  }
  return {};
}

}  // namespace

std::expected<void, option_complaint> read_options(std::span<char* const> arguments, char* const* environment,
                                                   options& out) {
  std::size_t i = 1;
  const auto fail = [](std::string_view word, complaint reason) {
    return std::unexpected(option_complaint{word, reason});
  };
  for (; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (!word.starts_with('-')) break;
    if (word == "--debug") {
      out.debug = true;
      continue;
    }
    if (word == "--help" || word == "-h") {
      out.help = true;
      return {};
    }
    if (word != "-m" && word != "--control" && word != "--device") {
      return fail(word, {"is not an option", "see aster-sandbox --help"});
    }
    if (++i == arguments.size()) return fail(word, {"needs a value", "see aster-sandbox --help"});
    const std::string_view value = arguments[i];
    if (word == "-m") {
      const auto bytes = read_bytes(value);
      if (!bytes) return fail(value, bytes.error());
      out.budget = *bytes;
    } else {
      const auto descriptor = read_descriptor(value);
      if (!descriptor) return fail(value, descriptor.error());
      if (word == "--control") {
        out.control = *descriptor;
      } else {
        if (out.device_count == abi::device_limit) {
          return fail(value, {"is one device too many", "attach at most 12"});
        }
        out.devices[out.device_count++] = *descriptor;
      }
    }
  }
  if (i == arguments.size()) return fail("IMAGE", {"is missing", "see aster-sandbox --help"});
  out.image = arguments[i];
  return write_boot_line(arguments.subspan(i), environment, out);
}

}  // namespace aster::host::sandbox
