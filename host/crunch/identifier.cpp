#include "host/crunch/identifier.hpp"

#include <algorithm>
#include <array>

namespace aster::host::crunch {
namespace {

/// Keywords and alternative tokens (C++ [lex.key], [lex.digraph]), C++26's too, and macros that headers of
/// the C library or a compiler's GNU mode define.
constexpr auto taken = [] {
  std::array words = std::to_array<std::string_view>({"alignas",
                                                      "alignof",
                                                      "and",
                                                      "and_eq",
                                                      "asm",
                                                      "assert",
                                                      "auto",
                                                      "bitand",
                                                      "bitor",
                                                      "bool",
                                                      "break",
                                                      "case",
                                                      "catch",
                                                      "char",
                                                      "char16_t",
                                                      "char32_t",
                                                      "char8_t",
                                                      "class",
                                                      "co_await",
                                                      "co_return",
                                                      "co_yield",
                                                      "compl",
                                                      "concept",
                                                      "const",
                                                      "const_cast",
                                                      "consteval",
                                                      "constexpr",
                                                      "constinit",
                                                      "continue",
                                                      "contract_assert",
                                                      "decltype",
                                                      "default",
                                                      "delete",
                                                      "do",
                                                      "double",
                                                      "dynamic_cast",
                                                      "else",
                                                      "enum",
                                                      "errno",
                                                      "explicit",
                                                      "export",
                                                      "extern",
                                                      "false",
                                                      "float",
                                                      "for",
                                                      "friend",
                                                      "goto",
                                                      "i386",
                                                      "if",
                                                      "inline",
                                                      "int",
                                                      "linux",
                                                      "long",
                                                      "mutable",
                                                      "namespace",
                                                      "new",
                                                      "noexcept",
                                                      "not",
                                                      "not_eq",
                                                      "nullptr",
                                                      "operator",
                                                      "or",
                                                      "or_eq",
                                                      "private",
                                                      "protected",
                                                      "public",
                                                      "register",
                                                      "reinterpret_cast",
                                                      "requires",
                                                      "return",
                                                      "short",
                                                      "signed",
                                                      "sizeof",
                                                      "static",
                                                      "static_assert",
                                                      "static_cast",
                                                      "stderr",
                                                      "stdin",
                                                      "stdout",
                                                      "struct",
                                                      "switch",
                                                      "template",
                                                      "this",
                                                      "thread_local",
                                                      "throw",
                                                      "true",
                                                      "try",
                                                      "typedef",
                                                      "typeid",
                                                      "typename",
                                                      "union",
                                                      "unix",
                                                      "unsigned",
                                                      "using",
                                                      "virtual",
                                                      "void",
                                                      "volatile",
                                                      "wchar_t",
                                                      "while",
                                                      "xor",
                                                      "xor_eq",
                                                      "EOF",
                                                      "NULL"});
  std::ranges::sort(words);
  return words;
}();

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string identifier_of(std::string_view part) {
  std::string name;
  for (const char c : part) {
    if (is_letter(c) || is_digit(c)) {
      name += c;
    } else if (!continues_character(c) && !name.ends_with('_')) {
      name += '_';
    }
  }
  if (is_digit(name.front())) name.insert(0, "_");
  if (name.size() > 1 && name[0] == '_' && is_upper(name[1])) name.insert(0, "x");  // reserved
  if (std::ranges::binary_search(taken, name)) name += '_';
  return name;
}

bool is_identifier(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; }) &&
         !name.contains("__") && !(name.size() > 1 && name[0] == '_' && is_upper(name[1])) &&
         !std::ranges::binary_search(taken, name);
}

}  // namespace aster::host::crunch
