#include "aster/html/program.hpp"

namespace aster::html {

void cursor::advance_now() { copy_constant(); }

void cursor::advance_text_now(std::string_view characters) {
  copy_constant();
  out.text(characters);
}

void cursor::advance_attribute_now(std::string_view characters) {
  copy_constant();
  out.attribute_text(characters);
}

void cursor::advance_bytes_now(std::string_view bytes) {
  copy_constant();
  out.put(bytes);
}

void cursor::advance_integer_now(std::int64_t value) {
  copy_constant();
  out.integer(value);
}

void cursor::advance_natural_now(std::uint64_t value) {
  copy_constant();
  out.natural(value);
}

}  // namespace aster::html
