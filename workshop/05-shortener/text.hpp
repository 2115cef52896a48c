// Small things with text.
#pragma once
#include <string>
#include <string_view>

/// ASCII letters in lower case.
inline std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return result;
}
