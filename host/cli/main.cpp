// aster: builds one C++ program into one bootable image, and runs it.
#include <cstdio>
#include <exception>
#include <print>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "aster/task/cancellation.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/terminal.hpp"

using namespace aster::host::cli;

int aster::host::cli::complain(std::string_view text, int code) {
  std::println(stderr, "{} {}", terminal{2}.paint("aster:", colour::red), text);
  return code;
}

int main(int argc, char** argv) try {
  const std::vector<std::string_view> words{argv + (argc > 0 ? 1 : 0), argv + argc};
  const auto command = parse_command_line(words);
  if (!command) {
    if (command.error().code != 0) return complain(command.error().text, command.error().code);
    std::print("{}", command.error().text);
    return 0;
  }
  const int code = std::visit([](const auto& c) { return perform(c); }, *command);
  // Output that could not be written (a full disk) is a failure too; `run`'s code is the image's own.
  if (std::fflush(stdout) != 0 && code == 0) return complain("standard output cannot be written");
  return code;
} catch (const aster::task::cancelled&) {
  // Ctrl-C while a fiber waited for a galaxy: what was shown is complete as far as it goes.
  std::fflush(stdout);
  return 130;
} catch (const std::system_error& error) {
  // std::print throws when the disk is full, with words that name neither.
  return complain(std::ferror(stdout) != 0 ? "standard output cannot be written" : error.what());
} catch (const std::exception& error) {
  return complain(error.what());
}
