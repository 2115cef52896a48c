// Questions for names that wait for an answer from somebody else: the daemon wakes a service that sleeps
// before it says where it is.
//
//   const auto taken = desk.ask(question, 7, seen, now);      // a station asks
//   if (taken.is_new) tell(question_event{taken.id, …});      // others that ask for the same wait with it
//   for (auto& reply : desk.answer(12, addresses, false)) send(reply.station, reply.frame);
//
// Without input or output: questions and time go in, datagrams come out.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/network/datagram_frame.hpp"
#include "host/network/name_question.hpp"

namespace aster::host {

class name_desk {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds patience{10};
  static constexpr std::chrono::seconds lifetime{1};  // of an answer: instances come and go
  static constexpr std::size_t name_limit = 256;      // names that are asked for at once
  static constexpr std::size_t asker_limit = 64;      // of one name

  struct asker {
    std::uint32_t station = 0;
    datagram_end at;
    name_question question;
  };
  struct taken {
    std::uint64_t id = 0;  // 0: there are too many; the asker tries again by itself
    bool is_new = false;
  };
  struct reply {
    std::uint32_t station = 0;
    datagram_end to;
    std::vector<std::byte> datagram;
  };
  struct open_question {
    std::uint64_t id = 0;
    std::uint32_t station = 0;  // that asked first
    std::string name;
  };

  /// A question that is repeated while it waits is answered once.
  taken ask(asker who, time_point now);

  /// What to send to all that wait for question `id`; nothing when it is none, or was too late.
  std::vector<reply> answer(std::uint64_t id, std::span<const std::uint32_t> addresses, bool failed);

  /// What to send to those that have waited long enough: SERVFAIL.
  std::vector<reply> expire(time_point now);

  /// When to call `expire`.
  std::optional<time_point> deadline() const;

  /// All that wait, oldest first: a new daemon is told of them again.
  std::vector<open_question> waiting() const;

 private:
  struct pending {
    std::string name;
    time_point until;
    std::vector<asker> askers;
  };
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, pending> pending_;  // in the order of their deadlines
};

}  // namespace aster::host
