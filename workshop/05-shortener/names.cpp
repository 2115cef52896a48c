#include "names.hpp"

#include <algorithm>
#include <array>

#include "text.hpp"

namespace {

std::string random_text(std::random_device& random, std::string_view alphabet, std::size_t size) {
  std::uniform_int_distribution<std::size_t> pick{0, alphabet.size() - 1};
  std::string text;
  while (text.size() < size) text += alphabet[pick(random)];
  return text;
}

// First segments of this site's own paths, and a few that visitors would take for something of the site's.
constexpr std::array reserved{"about", "admin", "api",    "assets", "edit",   "health", "help",   "link",
                              "links", "login", "manage", "new",    "robots", "search", "static", "status"};

}  // namespace

std::string make_id(const link_store& links, std::random_device& random) {
  constexpr std::string_view alphabet = "23456789bcdfghjkmnpqrstvwxyz";
  for (std::size_t size = 4;; ++size)  // longer when so many are taken that chance does not find a free one
    for (int attempt = 0; attempt < 4; ++attempt)
      if (std::string id = random_text(random, alphabet, size); links.find(id) == nullptr) return id;
}

std::string make_secret(std::random_device& random) {
  return random_text(random, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", 22);
}

std::optional<std::string> refuse_name(std::string_view name) {
  if (name.size() < 2 || name.size() > 40) return "A name has 2 to 40 characters.";
  for (const char c : lower(name))
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
      return "A name has letters from a to z, digits and hyphens.";
  if (name.starts_with('-') || name.ends_with('-')) return "A name begins and ends with a letter or a digit.";
  if (std::ranges::contains(reserved, lower(name))) return "This name is one of the site's own.";
  return std::nullopt;
}

std::string suggest_name(const link_store& links, std::string_view taken) {
  std::string base = lower(taken.substr(0, 34));
  for (int n = 1;; ++n) {
    std::string name = base + "-" + std::to_string(n);
    if (links.find(name) == nullptr) return name;
  }
}
