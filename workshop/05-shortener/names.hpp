// How links are named: by chance, or as their makers want.
#pragma once
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "link_store.hpp"

/// A new id that no link has. Without letters and digits that look alike (0 o, 1 i l), and without vowels, so
/// that chance spells no words that somebody might mind.
std::string make_id(const link_store& links, std::random_device& random);

/// 128 bits of chance, for a secret link.
std::string make_secret(std::random_device& random);

/// What is wrong with a name that somebody wants for a link, in a sentence; nothing when it will do.
std::optional<std::string> refuse_name(std::string_view name);

/// A free name near a taken one: "xvw-1" for "xvw".
std::string suggest_name(const link_store& links, std::string_view taken);
