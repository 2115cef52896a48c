// The `aster` command line: from words to one of a few plain structures, or to what to tell the person.
//
// All that a command takes is declared once (command_line.cpp). Help, shell completion and "did you mean" are
// made from that declaration, so that they cannot drift from it.
#pragma once
#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aster::host::cli {

struct new_command {
  std::string name;
  std::string template_name = "hello";
};

struct build_command {
  std::filesystem::path folder = ".";
  bool verbose = false;
};

/// Values are words still: what runs images knows how to read them.
struct run_command {
  std::optional<std::filesystem::path> image;  // none: the image of the project in the current directory
  std::string name;                            // empty: the image's
  std::string target = "auto";
  std::string memory = "64M";
  std::vector<std::string> ports;
  std::vector<std::string> networks;
  std::string address;
  std::vector<std::string> live;      // [NAME=]DIR
  std::vector<std::string> captures;  // [NAME=]FILE
  std::string capture_snap;           // empty: all of each frame
  std::string capture_limit;
  std::string capture_ring;
  std::vector<std::string> environment;
  std::filesystem::path environment_file;  // empty: none
  std::filesystem::path record;            // …
  std::vector<std::string> arguments;
  bool strace = false;
  bool quiet = false;
  bool debug = false;
  bool emulate = false;
};

struct inspect_command {
  std::optional<std::filesystem::path> image;  // none: as for run
  bool json = false;
  std::size_t symbols = 15;
};

struct crunch_command {
  std::optional<std::filesystem::path> folder;  // or files
  std::string name = "assets";
  std::string output;  // empty: the current directory, or standard output for files
  std::filesystem::path depfile;
  bool hidden = false;
  std::vector<std::string> files;  // [NAME:]FILE
  bool array = false, list = false, string = false;
  unsigned columns = 16;
  bool uppercase = false;
  bool comments = false;
  std::vector<std::string> checksums;  // [DIGEST:]FILE
  bool force = false;
  bool quiet = false;
  bool json = false;
};

struct stats_command {
  std::string instance;  // a name or a pid; empty: the only one, with `prometheus` all
  std::string galaxy;    // empty: the one of this folder, if it is one's
  bool connections = false, fibers = false;
  bool all = false;
  bool json = false, prometheus = false;
  bool watch = false;
  unsigned limit = 1000;
};

struct symbolize_command {
  std::optional<std::filesystem::path> image;  // none: as for run
  std::vector<std::string> offsets;            // none: filter standard input
};

/// Which galaxy is meant: by its name, by its file, or that of this folder or of one above it.
struct galaxy_choice {
  std::string name;
  std::string file;
};

struct up_command {
  galaxy_choice which;
  bool detached = false;
  bool no_build = false;
  bool json = false;
};

struct down_command {
  galaxy_choice which;
};

struct ps_command {
  galaxy_choice which;
  bool instances = false;
  bool quiet = false;
  bool json = false;
};

struct logs_command {
  galaxy_choice which;
  std::vector<std::string> services;  // or instances; none: all
  unsigned lines = 100;
  bool follow = false;
  bool json = false;
};

struct events_command {
  galaxy_choice which;
  unsigned lines = 50;
  bool follow = false;
  bool json = false;
};

struct restart_command {
  galaxy_choice which;
  std::string service;
};

struct scale_command {
  galaxy_choice which;
  std::string service;
  std::optional<unsigned> instances;  // nothing: auto
};

struct deploy_command {
  galaxy_choice which;
  std::string service;
  std::filesystem::path image;
  bool json = false;
};

struct rollback_command {
  galaxy_choice which;
  std::string service;
  bool json = false;
};

struct exec_console_command {
  galaxy_choice which;
  std::string instance;  // or a service with one instance
  unsigned lines = 20;
};

struct daemon_command {
  std::string file;
};

struct version_command {
  bool json = false;
};

struct completion_command {
  std::string shell;
};

using command = std::variant<new_command, build_command, run_command, crunch_command, inspect_command,
                             symbolize_command, stats_command, up_command, down_command, ps_command, logs_command,
                             events_command, restart_command, scale_command, deploy_command, rollback_command,
                             exec_console_command, daemon_command, version_command, completion_command>;

/// What to say instead of doing something: help that was asked for (code 0), or what is wrong with the words
/// (code 2, one line without "aster: ").
struct reply {
  int code;
  std::string text;
};

/// Reads the words behind the program's name.
std::expected<command, reply> parse_command_line(std::span<const std::string_view> words);

struct option_description {
  std::vector<std::string> names;  // "-m", "--memory"; of a positional, its one name without dashes
  std::string value;               // "SIZE"; empty for a switch
  std::string summary;
  std::vector<std::string> choices;  // the only values there are; empty: any
};

struct command_description {
  std::string name;
  std::string summary;
  std::string usage;     // what stands behind "aster NAME"
  std::string examples;  // lines, each indented by two
  std::vector<option_description> positionals;
  std::vector<option_description> options;
};

/// Every command, in the order in which help shows them.
std::vector<command_description> describe_commands();

}  // namespace aster::host::cli
