// The receiver's half of selective acknowledgement (RFC 2018): which ranges beyond the gap to report, and in
// which order.
//
// The block that the latest segment fell into comes first, then those reported most recently, so that each
// is repeated in several acknowledgements and survives their loss (§4). A segment that came twice is
// reported once, ahead of all (D-SACK, RFC 2883): the sender learns that it had sent in vain.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "aster/net/tcp/sequence.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net::tcp {

class sack_blocks {
 public:
  using block = wire::tcp_options::block;

  /// A segment beyond the gap has arrived, at this position of the stream.
  void arrived(std::uint64_t position) {
    const auto known = std::ranges::find(recent_, position);
    const auto last = known == recent_.end() ? recent_.end() - 1 : known;
    std::move_backward(recent_.begin(), last, last + 1);
    recent_[0] = position;
  }

  /// These bytes have come before.
  void duplicate(sequence begin, sequence end) { duplicate_ = {begin.value, end.value}; }
  bool has_duplicate() const { return duplicate_.has_value(); }
  /// The report has gone out: once is enough (RFC 2883 §4).
  void sent() { duplicate_.reset(); }

  /// Fills in at most `room` blocks. `range_around(position)` gives the range of the stream, as a pair of
  /// sequence numbers, that holds a position; nothing when the position is no longer beyond a gap.
  template <typename Lookup>
  void fill(wire::tcp_options& options, std::size_t room, Lookup&& range_around) const {
    room = std::min(room, options.sack.size());
    const auto add = [&](block b) { options.sack[options.sack_count++] = b; };
    options.sack_count = 0;
    if (duplicate_ && room > 0) add(*duplicate_);
    const std::size_t first = options.sack_count;
    for (const std::uint64_t position : recent_) {
      if (options.sack_count >= room) return;
      const std::optional<std::pair<sequence, sequence>> range = range_around(position);
      if (range) add_once(options, first, {range->first.value, range->second.value});
    }
  }

  /// Adds one more, unless it stands there from `first` on already.
  static void add_once(wire::tcp_options& options, std::size_t first, block b) {
    const auto listed = options.sack.begin() + options.sack_count;
    if (std::find(options.sack.begin() + static_cast<std::ptrdiff_t>(first), listed, b) == listed)
      options.sack[options.sack_count++] = b;
  }

 private:
  static constexpr std::uint64_t nowhere = 0;  // never beyond a gap: the stream's first byte
  std::array<std::uint64_t, 4> recent_{nowhere, nowhere, nowhere, nowhere};
  std::optional<block> duplicate_;
};

}  // namespace aster::net::tcp
