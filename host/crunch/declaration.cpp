#include "host/crunch/declaration.hpp"

#include <algorithm>
#include <format>

namespace aster::host::crunch {
namespace {

std::string literal(std::string_view bytes, bool is_uppercase) {
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += is_uppercase ? std::format("\\x{:02X}", byte) : std::format("\\x{:02x}", byte);
  }
  return text + "\"";
}

/// A backslash at the end of a comment would take the next line into it.
std::string as_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += c >= 0x20 && c < 0x7f && c != '\\' ? c : '.';
  return text;
}

}  // namespace

std::string declaration_preamble() {
  return "// Written by 'aster crunch'; what is changed here is lost.\n"
         "#pragma once\n"
         "#include <array>\n"
         "#include <initializer_list>\n"
         "#include <string_view>\n";
}

std::string declare(std::string_view name, std::string_view content, const declaration_form& form) {
  const std::size_t lines = (content.size() + form.columns - 1) / form.columns;
  std::string text;
  switch (form.kind) {
    case container::array:
      text = std::format("inline constexpr std::array<std::string_view, {}> {}{{", lines, name);
      break;
    case container::list:
      text = std::format("inline constexpr std::initializer_list<std::string_view> {}{{", name);
      break;
    case container::string: text = std::format("inline constexpr std::string_view {}{{", name); break;
  }
  const bool is_string = form.kind == container::string;
  std::string end = is_string && lines > 0 ? std::format("    {}}};\n", content.size()) : "};\n";
  if (is_string && content.size() >= 65'536) {
    // More than every compiler must take (C++ [implimits]); ours takes it.
    text.insert(0,
                "#pragma clang diagnostic push\n#pragma clang diagnostic ignored \"-Woverlength-strings\"\n");
    end += "#pragma clang diagnostic pop\n";
  }
  if (lines == 0) return text + end;
  text += '\n';
  for (std::size_t at = 0; at < content.size(); at += form.columns) {
    const std::string_view piece = content.substr(at, form.columns);
    const bool is_last = at + form.columns >= content.size();
    const std::string quoted = literal(piece, form.is_uppercase);
    std::string line = is_string ? std::format("    {}{}", quoted, is_last ? "," : "")
                                 : std::format("    std::string_view{{{}, {}}},", quoted, piece.size());
    if (form.has_comments) {
      // In one column, wherever the last line ends.
      const std::size_t around =
          is_string ? std::string_view{"    \"\","}.size()
                    : std::format("    std::string_view{{\"\", {}}},", std::min(form.columns, content.size()))
                          .size();
      const std::size_t whole = around + 4 * std::min(form.columns, content.size());
      line += std::string(line.size() < whole ? whole - line.size() : 0, ' ') + "  // " + as_text(piece);
    }
    text += line + '\n';
  }
  return text + end;
}

}  // namespace aster::host::crunch
