#include "aster/net/simulation/talker.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace aster::net::simulation {

namespace {

std::byte pattern(std::uint64_t stream, std::size_t offset) {
  return static_cast<std::byte>((offset * 13 + (offset >> 8) * 7 + (offset >> 16) + stream * 101) & 255);
}

}  // namespace

bool talker::write() {
  bool moved = false;
  while (written_ < work_.to_write) {
    std::vector<std::byte> bytes(std::min<std::size_t>(work_.to_write - written_, 1 + random_.below(5000)));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern(work_.writes, written_ + i);
    const auto n = connection_->write(bytes);
    if (!n || *n == 0) break;
    written_ += *n;
    moved = true;
  }
  if (written_ == work_.to_write && !connection_->sender().is_finishing() && connection_->is_open() &&
      connection_->state() != tcp::state::syn_sent) {
    connection_->shutdown_write();
    moved = true;
  }
  return moved;
}

bool talker::read_some(time_point now) {
  if (reads_again_ != never && now < reads_again_ && !connection_->failure()) return false;
  reads_again_ = never;
  bool moved = false;
  while (connection_->readable() > 0) {
    std::vector<std::byte> bytes(1 + random_.below(work_.is_slow ? 3000 : 20'000));
    const std::size_t n = connection_->read(bytes);
    for (std::size_t i = 0; i < n; ++i) corrupt_ = corrupt_ || bytes[i] != pattern(work_.reads, read_ + i);
    read_ += n;
    moved = true;
    if (!work_.is_slow) continue;
    reads_again_ = now + std::chrono::milliseconds{1 + random_.below(200)};
    break;
  }
  return moved;
}

bool talker::step(time_point now) {
  if (is_done()) return false;
  const bool has_written = write(), has_read = read_some(now);
  if (has_written || has_read) host_->touched(*connection_);
  const bool at_end = connection_->at_end();
  if (!connection_->failure() && !(at_end && written_ == work_.to_write)) return has_written || has_read;
  failure_ = connection_->failure();
  failed_ = failure_.has_value() && !(at_end && read_ == work_.to_read);
  corrupt_ = corrupt_ || (!failed_ && read_ != work_.to_read) || read_ > work_.to_read;
  host_->release(*std::exchange(connection_, nullptr), now);
  return true;
}

void talker::lose() {
  if (is_done()) return;
  connection_ = nullptr;
  lost_ = true;
}

}  // namespace aster::net::simulation
