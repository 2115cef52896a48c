// Bytes as text that needs no escaping anywhere: base64 with '-' and '_', without padding (RFC 4648 §5).
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace aster::web {

std::string to_base64url(std::string_view bytes);

/// Nothing for what to_base64url would not have written: one text for the same bytes (RFC 4648 §3.5).
std::optional<std::string> from_base64url(std::string_view text);

/// So many random bytes, strong enough for secrets, as such a text: four characters for three of them.
std::string random_token(std::size_t bytes);

}  // namespace aster::web
