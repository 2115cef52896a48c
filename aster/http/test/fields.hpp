// Field lines for tests of what reads them.
//
//   const http::test::fields f{"If-None-Match: \"a\"\r\nRange: bytes=0-1\r\n"};
//   check_preconditions(http::method::get, f.list(), …)
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "aster/http/field_section.hpp"

namespace aster::http::test {

class fields {
 public:
  /// Throws std::invalid_argument for what a request could not hold.
  explicit fields(std::string_view lines) : text_(std::string{lines} + "\r\n") {
    section_.reset(100);
    for (std::size_t at = 0; !section_.ended();)
      if (section_.read_line(text_, at) != progress::complete) throw std::invalid_argument("no field lines");
  }
  field_list list() const { return section_.list(text_.data()); }

 private:
  std::string text_;
  field_section section_;
};

}  // namespace aster::http::test
