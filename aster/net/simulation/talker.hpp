// One end of a stream in a simulation: writes its bytes in pieces of random size, checks every byte that it
// reads, and closes when both directions are done.
#pragma once
#include <optional>

#include "aster/net/tcp/host.hpp"

namespace aster::net::simulation {

class talker {
 public:
  struct work {
    std::uint64_t writes, reads;  // which patterns
    std::size_t to_write, to_read;
    bool is_slow;
  };

  talker(tcp::host& host, tcp::connection& c, const work& w, random_source random)
      : host_(&host), connection_(&c), work_(w), random_(random) {}

  /// Does what can be done; whether anything moved.
  bool step(time_point now);
  /// When it wants to act although nothing arrived.
  time_point wakes() const { return is_done() ? never : reads_again_; }
  /// Its host is gone, and with it the connection.
  void lose();

  bool is_done() const { return connection_ == nullptr; }
  bool is_lost() const { return lost_; }
  bool is_corrupt() const { return corrupt_; }
  /// Ended before everything was read.
  bool has_failed() const { return lost_ || failed_; }
  std::optional<error> failure() const { return failure_; }
  std::size_t written() const { return written_; }
  std::size_t read() const { return read_; }
  const work& assigned() const { return work_; }
  const tcp::connection* connection() const { return connection_; }

 private:
  bool write();
  bool read_some(time_point now);

  tcp::host* host_;
  tcp::connection* connection_;
  work work_;
  random_source random_;
  std::size_t written_ = 0, read_ = 0;
  time_point reads_again_ = never;  // a slow one rests until then
  std::optional<error> failure_;
  bool corrupt_ = false, failed_ = false, lost_ = false;
};

}  // namespace aster::net::simulation
