// What a galaxy's daemon and its switch tell each other: lines of JSON on a Unix socket, orders one way and
// events the other.
//
//   stream.write(switch_control::write(switch_control::probe{.id = 5, .station = 7, .port = 80, .path =
//   "/health"}));
//     {"do":"probe","id":5,"station":7,"port":80,"path":"/health","timeout_ms":1000,"until_well":false}
//
//   if (const auto event = switch_control::read_event(line)) …          std::expected<switch_control::event,
//   std::string>
//
// The types here are the lines: a member's name is its name in JSON, the word behind "do" or "event" is the
// type's. Members that the reader does not know are passed over, so that a daemon may be newer than the
// switch that it finds. Addresses are IPv4 in dotted form, of stations as the galaxy numbers them.
//
// A new daemon replaces the old one: the switch closes the older connection. The first event on each is
// `state`.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aster::host::switch_control {

/// Bytes of a line, its newline included. Both sides end the connection at a longer one.
inline constexpr std::size_t line_limit = 1 << 20;

// Orders, of the daemon to the switch.

/// A place where an instance may plug in. The same station again changes what differs, and keeps what is
/// plugged in.
struct station {
  std::uint32_t station = 0;  // its number: 1 is the switch itself
  std::string service;
  std::string address;  // "10.77.0.7"
  bool world = false;   // whether it may open connections to the world outside of the galaxy
  std::string token;    // that whoever plugs in has to know: letters and digits, at most 64
};
/// Unplugs it and forgets it, and what is published through it.
struct remove {
  std::uint32_t station = 0;
};
/// Whose instances may open connections to whose: all pairs {from, to}, in place of those before.
struct rules {
  std::vector<std::array<std::string, 2>> allowed;
};
/// Opens a port of the host that leads to one of a station. Answered by `done` or `failed`. A port that is
/// open already leads elsewhere from now on.
struct publish {
  std::string address;  // of the host: "127.0.0.1"
  std::uint16_t port = 0;
  std::uint32_t station = 0;
  std::uint16_t to = 0;
};
/// Closes it; connections that exist go on. Answered by `done`, also where it was not open.
struct unpublish {
  std::string address;
  std::uint16_t port = 0;
};
/// Answers a question for a name.
struct answer {
  std::uint64_t id = 0;
  std::vector<std::string> addresses;  // none: there is no such name
  bool failed = false;                 // there is, but nobody is there; the asker may try again
};
/// Finds out whether a station takes connections, or with a path, whether GET is answered with 2xx or 3xx.
/// Answered by `probed`.
struct probe {
  std::uint64_t id = 0;
  std::uint32_t station = 0;
  std::uint16_t port = 0;
  std::optional<std::string> path{};
  std::uint32_t timeout_ms = 1000;
  bool until_well = false;  // tries again every few milliseconds until it is well or the time is over
};
/// Asks for `traffic_report`.
struct traffic {};
/// Ends the switch.
struct end {};

using order = std::variant<station, remove, rules, publish, unpublish, answer, probe, traffic, end>;

// Events, of the switch to the daemon.

struct station_state {
  std::uint32_t station = 0;
  std::string service;
  bool attached = false;  // an instance is plugged in
};
struct state {
  std::vector<station_state> stations;
  std::vector<publish> published;
};
struct attached {
  std::uint32_t station = 0;
};
struct detached {
  std::uint32_t station = 0;
};
/// A station asks who has a name. It waits for `answer`, for ten seconds at most; meanwhile others that ask
/// for the same are not told of.
struct question {
  std::uint64_t id = 0;
  std::uint32_t station = 0;
  std::string name;  // lower case, without the last dot
};
struct probed {
  std::uint64_t id = 0;
  bool well = false;
  int status = 0;   // of HTTP; 0: there was none
  std::string why;  // it is not well
};
struct station_traffic {
  std::uint32_t station = 0;
  std::uint64_t frames_in = 0, frames_out = 0;  // from it and to it, since it was made
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t dropped = 0;  // from it: forbidden, malformed, or nobody there; to it: it did not keep up
  std::uint64_t idle_ms = 0;  // since the last frame from or to another station or the world: what the switch
                              // itself asks and is asked does not count
};
struct traffic_report {
  std::vector<station_traffic> stations;
};
/// What was ordered is done; `of` is the order's word.
struct done {
  std::string of;
  std::optional<std::uint32_t> station{};
  std::optional<std::string> address{};
  std::optional<std::uint16_t> port{};
};
struct failed {
  std::string of;
  std::optional<std::uint32_t> station{};
  std::optional<std::string> address{};
  std::optional<std::uint16_t> port{};
  std::string why;  // one line, with the mend
};

using event = std::variant<state, attached, detached, question, probed, traffic_report, done, failed>;

/// Reads a line without its newline; an error says what is wrong with it, and holds nothing of it but names.
std::expected<order, std::string> read_order(std::string_view line);
std::expected<event, std::string> read_event(std::string_view line);

/// One line, its newline included.
std::string write(const order& what);
std::string write(const event& what);

}  // namespace aster::host::switch_control
