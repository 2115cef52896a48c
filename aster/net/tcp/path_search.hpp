// How large a segment the path takes, found out by trying (RFC 4821 §7, RFC 8899 §5.3): a path that silently
// drops what is too large has been found, and segments are small now; between what works and what does not
// the search sends one larger segment at a time, of data that is due anyway. What arrives is the new size;
// what is lost is sent again in smaller ones, and says nothing of congestion.
//
// Sizes are payload bytes. Only with selective acknowledgement, which tells that the probe alone is missing.
#pragma once
#include <cstdint>
#include <optional>

#include "aster/net/tcp/sequence.hpp"

namespace aster::net::tcp {

class path_search {
 public:
  /// `fails` does not get through: sizes below are tried.
  void below(std::uint32_t fails) {
    fails_ = fails;
    first_ = 0;
    probe_.reset();
  }
  /// It may get through again (RFC 1191 §6.3): it is tried, and if it doesn't, sizes below are.
  void again(std::uint32_t whole) {
    below(whole);
    first_ = whole;
  }
  void end() { below(0); }

  /// The size to try now, while `works` does; nothing when one is under way, or the gap is small.
  std::optional<std::uint32_t> size(std::uint32_t works) const {
    if (probe_) return std::nullopt;
    if (first_ > works) return first_;
    if (fails_ < works + worthwhile) return std::nullopt;
    return works + (fails_ - works) / 2;
  }
  void sent(sequence begin, std::uint32_t size) {
    probe_ = {begin, begin + size};
    lost_.reset();
  }

  /// The probe has arrived, if `snd_una` says so: its size works.
  std::optional<std::uint32_t> arrived(sequence snd_una) {
    if (!probe_ || snd_una < probe_->end) return std::nullopt;
    const std::uint32_t size = distance(probe_->begin, probe_->end);
    probe_.reset();
    if (size == first_) fails_ = first_ = 0;
    return size;
  }
  /// What is lost begins at `begin` and is `size` long in all: whether that is the probe and nothing else.
  /// Then its size does not work; and it is no more than that however often it is looked at.
  bool lost(sequence begin, std::uint32_t size) {
    const range r{begin, begin + size};
    if (probe_ && r == *probe_) {
      failed();
      lost_ = *probe_;
      probe_.reset();
    }
    return lost_ && r == *lost_;
  }
  /// The timer has expired over it.
  void timed_out() {
    if (probe_) failed();
    probe_.reset();
  }

 private:
  static constexpr std::uint32_t worthwhile = 32;

  void failed() {
    fails_ = distance(probe_->begin, probe_->end);
    first_ = 0;
  }

  struct range {
    sequence begin, end;
    friend bool operator==(const range&, const range&) = default;
  };
  std::optional<range> probe_;  // under way
  std::optional<range> lost_;   // the last that was lost
  std::uint32_t fails_ = 0;     // the smallest size that is known not to work; 0: nothing is searched
  std::uint32_t first_ = 0;     // tried before any other
};

}  // namespace aster::net::tcp
