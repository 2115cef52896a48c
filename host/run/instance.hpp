// A running image as other programs find it: a Unix socket in the runtime folder, on which they ask about it.
//
// A client sends one line and gets lines, of which the last is "end", or "failed TEXT":
//
//   who                instance name=shop pid=812 target=sandbox image=/home/…/shop started=1790000000
//                      answers=yes ready=yes
//   ask stats          what the image tells about itself (aster/net/report.hpp)
//   ask sockets 100
//   ask fibers
//   await ready        nothing, once the image has said that it can be used (aster/task/ready.hpp), however
//                      long that takes
//
// `aster run` only passes questions on, and the image's lines back once they are checked; it never waits. An
// image that says nothing for `patience` is said to be stuck.
#pragma once
#include <poll.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/descriptor.hpp"

namespace aster::host {

/// Whether an instance may be called so: letters, digits, '.', '-' and '_', a letter or digit first, at
/// most 64. (The name of an image's file may be any; this is for names that somebody chooses.)
bool is_instance_name(std::string_view text);

class instance {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::size_t client_limit = 16;
  static constexpr std::size_t descriptor_limit = client_limit + 1;
  static constexpr auto patience = std::chrono::seconds(3);

  struct description {
    std::string name;
    std::string target;
    std::filesystem::path image;
  };

  /// Opens the socket in `folder`. An error says why it could not be.
  static std::expected<std::unique_ptr<instance>, std::string> open(const std::filesystem::path& folder,
                                                                    description what);
  ~instance();
  instance(const instance&) = delete;

  /// How a question reaches the image: a whole line with its newline. False: it does not take any.
  std::function<bool(std::string_view line)> ask;

  /// The image has said that it can be used.
  void is_ready();
  /// The image has said that it answers.
  void can_answer();
  /// A line of an answer, from its ID on.
  void answered(std::string_view id, std::string_view rest, clock::time_point now);

  /// Writes what to poll for into `watched`, at most `descriptor_limit` entries; returns how many.
  std::size_t watch(std::span<pollfd> watched) const;
  /// Does what can be done now; `watched` are the entries that `watch` wrote.
  void serve(std::span<const pollfd> watched, clock::time_point now);
  /// When somebody has waited long enough; then call `expired`.
  std::optional<clock::time_point> deadline() const;
  void expired(clock::time_point now);

 private:
  struct client {
    descriptor socket;
    std::string heard;
    std::string to_say;
    std::string id;        // of its question; empty: none yet
    std::string question;  // until the image can take it
    clock::time_point until;
    bool awaits_ready = false;
    bool done = false;  // nothing more will be said
  };

  instance(descriptor listening, std::filesystem::path path, description what);
  void accept_client();
  void hear(client& c, clock::time_point now);
  void take_request(client& c, std::string_view line, clock::time_point now);
  void pass_on(client& c);
  void fail(client& c, std::string_view why);
  static void say(client& c);

  descriptor listening_;
  std::filesystem::path path_;
  description what_;
  std::int64_t started_;
  bool answers_ = false;
  bool ready_ = false;
  unsigned next_id_ = 0;
  std::vector<client> clients_;
};

}  // namespace aster::host
