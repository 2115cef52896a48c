#include "host/crunch/digest.hpp"

#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include <algorithm>
#include <vector>

namespace aster::host::crunch {
namespace {

const nettle_hash& of(digest which) {
  switch (which) {
    case digest::md5: return nettle_md5;
    case digest::sha1: return nettle_sha1;
    case digest::sha224: return nettle_sha224;
    case digest::sha256: return nettle_sha256;
    case digest::sha384: return nettle_sha384;
    case digest::sha512: return nettle_sha512;
  }
  std::abort();
}

}  // namespace

std::optional<digest> parse_digest(std::string_view name) {
  std::string lower{name};
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const digest each :
       {digest::md5, digest::sha1, digest::sha224, digest::sha256, digest::sha384, digest::sha512}) {
    if (lower == of(each).name) return each;
  }
  return std::nullopt;
}

std::string digest_of(std::string_view content, digest which) {
  const nettle_hash& hash = of(which);
  const auto context = std::make_unique<std::max_align_t[]>(hash.context_size / sizeof(std::max_align_t) + 1);
  hash.init(context.get());
  hash.update(context.get(), content.size(), reinterpret_cast<const std::uint8_t*>(content.data()));
  std::string result(hash.digest_size, '\0');
  hash.digest(context.get(), result.size(), reinterpret_cast<std::uint8_t*>(result.data()));
  return result;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace aster::host::crunch
