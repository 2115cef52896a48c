// Digests of contents, by nettle.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace aster::host::crunch {

enum class digest { md5, sha1, sha224, sha256, sha384, sha512 };

/// As people write them, in either case: "md5", "sha256", …
std::optional<digest> parse_digest(std::string_view name);

/// The digest's bytes.
std::string digest_of(std::string_view content, digest which = digest::sha256);

/// Bytes as lower-case hex digits.
std::string hex(std::string_view bytes);

}  // namespace aster::host::crunch
