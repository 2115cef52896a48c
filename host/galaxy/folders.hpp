// Where a galaxy lives on this machine: sockets and pipes in a folder that goes with the machine's start, and
// what is remembered in one that stays.
//
//   runtime  $XDG_RUNTIME_DIR/asterism-galaxies/NAME, else /tmp/asterism-UID-galaxies/NAME
//   state    $XDG_STATE_HOME/asterism/NAME, by default ~/.local/state/asterism/NAME
//
// Both belong to this user alone.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace aster::host::galaxy {

struct folders {
  std::filesystem::path runtime;
  std::filesystem::path state;

  std::filesystem::path api() const { return runtime / "api"; }
  std::filesystem::path control() const { return runtime / "switch"; }  // of the switch
  std::filesystem::path frames() const { return runtime / "frames"; }   // where instances plug in
  std::filesystem::path edge() const { return runtime / "edge"; }       // the edge's link ends here
  std::filesystem::path lock() const { return runtime / "lock"; }       // held by the daemon
  std::filesystem::path console(std::string_view instance) const {
    return runtime / ("console-" + std::string(instance));
  }
  std::filesystem::path store() const { return state / "state.db"; }
  std::filesystem::path logs() const { return state / "logs"; }
  std::filesystem::path log(std::string_view instance) const {
    return logs() / (std::string(instance) + ".log");
  }
  std::filesystem::path record(std::string_view instance) const {
    return runtime / ("exit-" + std::string(instance));
  }
  std::filesystem::path images() const { return state / "images"; }
};

/// The names alone; nothing is looked at.
folders folders_of(std::string_view galaxy);

/// Makes them, and those in them. The error says which one is not this user's alone, or cannot be made, and
/// the mend.
std::expected<folders, std::string> make_folders(std::string_view galaxy);

}  // namespace aster::host::galaxy
