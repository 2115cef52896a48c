// Lines of a stream of bytes, with a limit to their length.
//
//   proxy::line_reader lines{stream, proxy::most_line_size};
//   while (const auto line = lines.next()) take(*line);
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "aster/net/byte_stream.hpp"

namespace aster::proxy {

class line_reader {
 public:
  /// The stream must outlive the reader.
  line_reader(net::byte_stream& stream, std::size_t most) : stream_(stream), most_(most) {}

  /// The next line without its line feed; valid until the next call. Nothing when the stream has ended or is
  /// lost, or a line is longer than the limit: there will be no more then. A line that the end cuts off is
  /// none. Parks.
  std::optional<std::string_view> next() {
    held_.erase(0, taken_);
    taken_ = 0;
    for (std::size_t looked = 0;;) {
      if (const std::size_t end = held_.find('\n', looked); end != held_.npos) {
        if (end > most_) return std::nullopt;
        taken_ = end + 1;
        return std::string_view{held_}.substr(0, end);
      }
      looked = held_.size();
      if (looked > most_) return std::nullopt;
      std::array<std::byte, 4096> part;
      const auto got = stream_.read(part);
      if (!got || *got == 0) return std::nullopt;
      held_.append(reinterpret_cast<const char*>(part.data()), *got);
    }
  }

 private:
  net::byte_stream& stream_;
  std::size_t most_;
  std::string held_;
  std::size_t taken_ = 0;
};

}  // namespace aster::proxy
