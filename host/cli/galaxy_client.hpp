// The command line's side of a galaxy: which one is meant, and what its daemon is asked over HTTP on a Unix
// socket (host/galaxy/api/api.hpp).
//
//   auto galaxy = galaxy_client::of(c.which);
//   if (!galaxy) return complain("ps: " + galaxy.error());
//   auto now = galaxy->ask("GET", "/galaxy");
//
// All of it parks the fiber that calls, so that Ctrl-C unwinds it by task::cancelled (main.cpp).
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "aster/json/read.hpp"
#include "host/cli/command_line.hpp"

namespace aster::host::cli {

/// The galaxy.toml that is meant: the one given, or that of this folder or of one above it. The error is one
/// line.
std::expected<std::filesystem::path, std::string> find_galaxy_file(const std::string& given);

/// The name of the galaxy that is meant. Read from the file, unless it is given.
std::expected<std::string, std::string> galaxy_name_of(const galaxy_choice& which);

class galaxy_client {
 public:
  /// Whether the galaxy's daemon answers is seen here; the error says how to start it.
  static std::expected<galaxy_client, std::string> of(const galaxy_choice& which);
  static std::expected<galaxy_client, std::string> named(std::string name);

  const std::string& name() const { return name_; }
  bool is_up() const;

  /// Sends a request and reads the answer's body; a problem becomes its text.
  std::expected<std::string, std::string> ask(std::string_view method, std::string_view target,
                                              std::string_view body = {},
                                              std::string_view type = "application/json") const;

  /// The answer as a T.
  template <class T>
  std::expected<T, std::string> get(std::string_view target) const {
    auto body = ask("GET", target);
    if (!body) return std::unexpected(std::move(body.error()));
    auto read = json::read<T>(*body);
    if (!read)
      return std::unexpected("the galaxy's daemon answers otherwise than this command expects: " +
                             read.error().text() + "; do both come from one version of Asterism?");
    return std::move(*read);
  }

  /// The number of what has happened last.
  std::expected<std::uint64_t, std::string> last_event() const;

  /// Hands each line of an answer to `take` until that returns false or the answer ends; empty ones are left
  /// out.
  std::expected<void, std::string> lines(std::string_view target,
                                         const std::function<bool(std::string_view line)>& take) const;
  /// The same for an answer that is no lines: each piece as it comes.
  std::expected<void, std::string> pieces(std::string_view target,
                                          const std::function<bool(std::string_view piece)>& take) const;

 private:
  explicit galaxy_client(std::string name) : name_(std::move(name)) {}

  std::string name_;
};

/// `text` as it stands in a path or a query.
std::string encoded(std::string_view text);

}  // namespace aster::host::cli
