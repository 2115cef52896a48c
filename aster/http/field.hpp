// Field lines ("headers") of a message, as views into the bytes that arrived.
//
//   for (auto [name, value] : request.fields()) …
//   if (auto type = request.fields().find("content-type")) …
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "aster/http/grammar.hpp"

namespace aster::http {

/// One field line: the name as it was sent (a token; compare without regard to case), and the value without
/// the blanks around it and without control characters. Lives as long as the message's bytes.
struct field {
  std::string_view name;
  std::string_view value;
};

/// Where a field line lies, relative to the section's first byte: survives a move of the buffer.
struct field_span {
  std::uint16_t name = 0, name_size = 0;
  std::uint16_t value = 0, value_size = 0;
};

/// All field lines of a section in the order in which they came. A view.
class field_list {
 public:
  class iterator {
   public:
    using value_type = field;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(const char* base, const field_span* at) : base_(base), at_(at) {}
    field operator*() const {
      return {{base_ + at_->name, at_->name_size}, {base_ + at_->value, at_->value_size}};
    }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    const char* base_ = nullptr;
    const field_span* at_ = nullptr;
  };

  field_list() = default;
  field_list(const char* base, std::span<const field_span> spans) : base_(base), spans_(spans) {}

  iterator begin() const { return {base_, spans_.data()}; }
  iterator end() const { return {base_, spans_.data() + spans_.size()}; }
  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }

  /// Value of the first line of that name, whatever its case; nothing when there is none. A list field may
  /// go on in further lines of the name (RFC 9110 §5.3): iterate where that matters.
  std::optional<std::string_view> find(std::string_view name) const {
    for (const field_span& at : spans_)
      if (equals_ignoring_case({base_ + at.name, at.name_size}, name))
        return std::string_view{base_ + at.value, at.value_size};
    return std::nullopt;
  }

 private:
  const char* base_ = nullptr;
  std::span<const field_span> spans_;
};
static_assert(std::forward_iterator<field_list::iterator>);

}  // namespace aster::http
