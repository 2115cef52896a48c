// How a command of the line is declared: everything that help, completion and parsing know of it. Private to this
// room; the commands are declared in command_line.cpp, those of a galaxy in galaxy_declarations.cpp.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "host/cli/command_line.hpp"

namespace aster::host::cli {

/// A command before it is known whether the person gave it: `declare` ties options to the structure that
/// `result` points to.
struct declaration {
  std::string name;
  std::string summary;
  std::string usage;
  std::string examples;
  std::function<void(CLI::App&, command&)> declare;
};

template <class T>
T& as(command& c) {
  return c.emplace<T>();
}

/// An option with a value that may be given again and again, one value at a time.
inline CLI::Option* add_list(CLI::App& app, const char* names, std::vector<std::string>& values,
                             const char* summary) {
  return app.add_option(names, values, summary)->allow_extra_args(false);
}

std::vector<declaration> galaxy_declarations();

}  // namespace aster::host::cli
