// The instances that run now, as another program sees them (host/run/instance.hpp): to list them, and to ask
// one.
//
//   const auto all = aster::host::running_instances();
//   const auto lines = all->front().ask("ask sockets 100");
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/answer_line.hpp"

namespace aster::host {

struct running_instance {
  std::string name;
  pid_t pid = 0;  // of its `aster run`
  std::string target;
  std::filesystem::path image;
  std::int64_t started = 0;  // seconds since 1970
  bool answers = false;
  std::filesystem::path socket;

  /// The answer's lines without the last, or what went wrong. Blocks, at most ten seconds after the last
  /// line.
  std::expected<std::vector<answer_line>, std::string> ask(std::string_view request) const;
};

/// All of this user, by name and then by age. Sockets that nobody listens on any more are removed.
std::expected<std::vector<running_instance>, std::string> running_instances();

/// The one that `word` means: its name or its pid; with an empty word, the only one. An error lists what
/// there is.
std::expected<running_instance, std::string> find_instance(std::string_view word);

}  // namespace aster::host
