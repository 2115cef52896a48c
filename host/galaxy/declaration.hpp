// What a galaxy is to be, as its file `galaxy.toml` says: services, the routes that lead to them, and who may
// talk to whom.
//
//   const auto declared = read_declaration(text, "sample");
//   if (!declared)
//     for (const complaint& c : declared.error()) std::println(stderr, "{}", to_string(c, "galaxy.toml"));
//
// The whole file is read before anything is done, and everything that is wrong with it is told at once. What
// comes out cannot be wrong in itself: names exist, nothing needs itself, no two routes are the same. Whether
// images and files are there is seen by who opens them.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/run/run_target.hpp"

namespace aster::host::galaxy {

/// Where an instance is asked whether it is well.
struct health_check {
  enum class kind : std::uint8_t {
    started,  // it is well as long as it runs
    tcp,      // it accepts a connection on its port
    http,     // it answers GET `path` with 2xx or 3xx
  };
  kind by = kind::tcp;
  std::string path;  // http: begins with '/'
  std::chrono::milliseconds every{2000};
  std::chrono::milliseconds timeout{1000};
  unsigned failures = 3;  // in a row, until it is not well
};

/// What happens when an instance ends by itself.
struct restart_policy {
  enum class condition : std::uint8_t { always, on_failure, never };
  condition when = condition::always;
  std::chrono::milliseconds first{100};    // wait before the first restart; doubles each time, with jitter …
  std::chrono::milliseconds most{30'000};  // … up to this
};

/// A file whose content becomes a variable of the environment, so that it is not written in galaxy.toml.
struct secret {
  std::string variable;
  std::filesystem::path file;  // relative to galaxy.toml
};

struct service {
  std::string name;              // a DNS label: instances reach the service under it
  std::filesystem::path image;   // one of the two: an image, …
  std::filesystem::path source;  // … or the folder of a project that is built; relative to galaxy.toml
  run_target target = run_target::automatic;
  std::uint64_t memory = 64u << 20;       // bytes, of each instance
  std::optional<double> processor_share;  // of one processor: 0.5 is half of its time; nothing: no limit
  std::uint16_t port = 80;                // where it listens
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // NAME=VALUE
  std::vector<secret> secrets;
  unsigned fewest = 0;  // instances; 0: it may sleep
  unsigned most = 1;
  unsigned concurrency = 64;               // requests that one instance has at once before another is started
  std::chrono::milliseconds idle{30'000};  // without a request, until an instance beyond `fewest` is ended
  health_check health;
  restart_policy restart;
  std::vector<std::string> devices;  // besides that of the galaxy, as `aster run --net` takes them
  std::vector<std::string> needs;    // services that have to be well before this one starts
  std::vector<std::string> reaches;  // services that its instances may open connections to; those of a
                                     // common network among them
  bool reaches_world = false;        // "world" in `reaches`: addresses outside of the galaxy
};

/// Requests that the edge gives to a service.
struct route {
  std::string host;        // without port, lower case; empty: any
  std::string path = "/";  // prefix, of whole segments: "/s" takes "/s" and "/s/x", and not "/sun"
  std::string service;
  bool strip = false;  // the service sees the path without the prefix
};

/// The unikernel in front of all services.
struct edge {
  std::string address = "127.0.0.1";  // of the host, IPv4
  std::uint16_t port = 8080;
  std::filesystem::path source;  // a project of one's own, with a static site in it; empty: the edge that
                                 // comes with Asterism
  std::uint64_t memory = 64u << 20;
};

struct declaration {
  std::string name;
  edge front;
  std::vector<service> services;  // in the order in which they can start: each behind those it needs
  std::vector<route> routes;      // in the order in which they are tried: longer paths and named hosts first
};

/// Something wrong, and where: lines and columns count from 1, 0 when it is about the file as a whole.
struct complaint {
  unsigned line = 0;
  unsigned column = 0;
  std::string text;  // one line: the key, what is wrong, what is allowed
};

/// "galaxy.toml:12:3: service.shortener: no key `memroy`; did you mean `memory`?" Bytes of the file that a
/// terminal could take for orders are escaped.
std::string to_string(const complaint& c, std::string_view file);

/// Reads a galaxy.toml. `folder_name` names the galaxy when the file does not. Complaints are in the file's
/// order; at most 100.
std::expected<declaration, std::vector<complaint>> read_declaration(std::string_view text,
                                                                    std::string_view folder_name);

}  // namespace aster::host::galaxy
