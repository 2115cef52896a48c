// Single files as plain C++ constants: what Mcrunch (https://git.robur.coop/robur/mcrunch) writes in OCaml.
//
//   inline constexpr std::array<std::string_view, 1> foo_txt{
//       std::string_view{"\x66\x6f\x6f\x0a", 4},  // foo.
//   };
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aster::host::crunch {

enum class container : std::uint8_t {
  array,   // std::array of std::string_view, one a line
  list,    // std::initializer_list of them, whose type does not tell the number
  string,  // one std::string_view of all
};

struct declaration_form {
  container kind = container::array;
  std::size_t columns = 16;   // bytes a line, 1 to 256
  bool is_uppercase = false;  // hex digits
  bool has_comments = false;  // the bytes of each line as text beside it
};

/// What the declarations stand behind: a comment and the headers that they need.
std::string declaration_preamble();

/// `content` as a constant of that name, which is an identifier.
std::string declare(std::string_view name, std::string_view content, const declaration_form& form);

}  // namespace aster::host::crunch
