#include "aster/web/keys.hpp"

// The ciphers themselves and not the EVP interface over them, which brings all that OpenSSL can do into the
// image: some 40 KB instead of some megabytes. Deprecated since 3.0 in favour of it, and there to stay.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/crypto.h>
#include <openssl/modes.h>
#include <openssl/sha.h>

#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>

#include "abi/platform.hpp"
#include "aster/web/base64url.hpp"

namespace aster::web {
namespace {

constexpr std::size_t mac_size = SHA256_DIGEST_LENGTH;
constexpr std::size_t nonce_size = 12, tag_size = 16;
constexpr std::size_t time_size = 8;
constexpr std::size_t most_text = 16 * 1024;  // nothing larger is looked at

using mac = std::array<unsigned char, mac_size>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string eight_bytes(std::uint64_t number) {
  std::string result;
  for (int shift = 56; shift >= 0; shift -= 8) result += static_cast<char>(number >> shift & 0xff);
  return result;
}

/// HMAC (RFC 2104) of several texts, one behind the other. Keys have 32 bytes.
mac hmac(std::span<const unsigned char, 32> key, std::initializer_list<std::string_view> texts) {
  constexpr std::size_t block = SHA256_CBLOCK;
  std::array<unsigned char, block> inner, outer;
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  mac result;
  SHA256_CTX hash;
  SHA256_Init(&hash);
  SHA256_Update(&hash, inner.data(), inner.size());
  for (const std::string_view text : texts) SHA256_Update(&hash, text.data(), text.size());
  SHA256_Final(result.data(), &hash);
  SHA256_Init(&hash);
  SHA256_Update(&hash, outer.data(), outer.size());
  SHA256_Update(&hash, result.data(), result.size());
  SHA256_Final(result.data(), &hash);
  OPENSSL_cleanse(inner.data(), inner.size());
  OPENSSL_cleanse(outer.data(), outer.size());
  OPENSSL_cleanse(&hash, sizeof hash);
  return result;
}

/// The purpose with its size, so that it cannot run into what follows.
std::string framed(std::string_view purpose) { return eight_bytes(purpose.size()).append(purpose); }

/// AES-256-GCM of one message.
class gcm {
 public:
  gcm(std::span<const unsigned char, 32> key, std::string_view nonce, std::string_view also_bound) {
    AES_set_encrypt_key(key.data(), 256, &key_);
    context_.reset(CRYPTO_gcm128_new(&key_, reinterpret_cast<block128_f>(&AES_encrypt)));
    if (!context_) throw std::bad_alloc{};
    CRYPTO_gcm128_setiv(context_.get(), bytes(nonce), nonce.size());
    CRYPTO_gcm128_aad(context_.get(), bytes(also_bound), also_bound.size());
  }
  gcm(const gcm&) = delete;
  gcm& operator=(const gcm&) = delete;
  ~gcm() { OPENSSL_cleanse(&key_, sizeof key_); }

  std::string encrypt(std::string_view plain) {
    std::string result(plain.size() + tag_size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(result.data());
    CRYPTO_gcm128_encrypt(context_.get(), bytes(plain), out, plain.size());
    CRYPTO_gcm128_tag(context_.get(), out + plain.size(), tag_size);
    return result;
  }
  std::optional<std::string> decrypt(std::string_view sealed) {
    const std::string_view tag = sealed.substr(sealed.size() - tag_size);
    sealed.remove_suffix(tag_size);
    std::string result(sealed.size(), '\0');
    CRYPTO_gcm128_decrypt(context_.get(), bytes(sealed), reinterpret_cast<unsigned char*>(result.data()),
                          sealed.size());
    if (CRYPTO_gcm128_finish(context_.get(), bytes(tag), tag_size) != 0) return std::nullopt;
    return result;
  }

 private:
  struct release {
    void operator()(GCM128_CONTEXT* c) const { CRYPTO_gcm128_release(c); }
  };
  AES_KEY key_;
  std::unique_ptr<GCM128_CONTEXT, release> context_;
};

std::string with_time(std::string_view value, std::chrono::sys_seconds expires) {
  return eight_bytes(static_cast<std::uint64_t>(expires.time_since_epoch().count())).append(value);
}

/// Takes apart what with_time has made, unless it is over.
std::optional<unsealed> in_time(std::string_view text, std::chrono::sys_seconds now) {
  std::uint64_t number = 0;
  for (const char c : text.substr(0, time_size)) number = number << 8 | static_cast<unsigned char>(c);
  const std::chrono::sys_seconds expires{std::chrono::seconds{static_cast<std::int64_t>(number)}};
  if (expires <= now) return std::nullopt;
  return unsealed{std::string{text.substr(time_size)}, expires};
}

std::optional<std::string> raw_bytes(std::string_view text, std::size_t least) {
  if (text.size() > most_text) return std::nullopt;
  auto raw = from_base64url(text);
  if (!raw || raw->size() < least) return std::nullopt;
  return raw;
}

std::chrono::sys_seconds wall_now() {
  return std::chrono::sys_seconds{std::chrono::seconds{abi::current_platform().wall() / 1'000'000'000}};
}

/// What the value of a cookie is bound to: a signed one is none that is encrypted.
std::string purpose_of(std::string_view kind, std::string_view name) {
  return std::string{kind}.append(" cookie ").append(name);
}

}  // namespace

keys::keys(const std::vector<std::string>& secrets) {
  if (secrets.empty()) throw std::invalid_argument{"keys need a secret"};
  for (const std::string& secret : secrets) {
    if (secret.size() < least_secret) throw std::invalid_argument{"a secret has at least 32 bytes"};
    // Extract and expand (RFC 5869): any secret becomes a key of 32 bytes, and that two that tell nothing of
    // each other.
    const std::array<unsigned char, 32> salt{};
    const mac extracted = hmac(salt, {secret});
    pairs_.push_back(
        {hmac(extracted, {"asterism signing\x01"}), hmac(extracted, {"asterism encryption\x01"})});
  }
}

keys::~keys() {
  for (pair& p : pairs_) OPENSSL_cleanse(&p, sizeof p);
}

keys keys::random() {
  std::string secret(least_secret, '\0');
  abi::current_platform().fill_entropy(secret.data(), secret.size());
  return keys{std::vector<std::string>{std::move(secret)}};
}

std::string keys::sign(std::string_view purpose, std::string_view value,
                       std::chrono::sys_seconds expires) const {
  std::string text = with_time(value, expires);
  const mac tag = hmac(pairs_.front().signing, {framed(purpose), text});
  text.append(reinterpret_cast<const char*>(tag.data()), tag.size());
  return to_base64url(text);
}

std::optional<unsealed> keys::verify(std::string_view purpose, std::string_view text,
                                     std::chrono::sys_seconds now) const {
  const auto raw = raw_bytes(text, time_size + mac_size);
  if (!raw) return std::nullopt;
  const std::string_view content = std::string_view{*raw}.substr(0, raw->size() - mac_size);
  for (const pair& p : pairs_) {
    const mac tag = hmac(p.signing, {framed(purpose), content});
    if (CRYPTO_memcmp(tag.data(), raw->data() + content.size(), mac_size) == 0) return in_time(content, now);
  }
  return std::nullopt;
}

std::string keys::encrypt(std::string_view purpose, std::string_view value,
                          std::chrono::sys_seconds expires) const {
  std::string nonce(nonce_size, '\0');
  abi::current_platform().fill_entropy(nonce.data(), nonce.size());
  const std::string sealed =
      gcm{pairs_.front().encryption, nonce, purpose}.encrypt(with_time(value, expires));
  return to_base64url(nonce + sealed);
}

std::optional<unsealed> keys::decrypt(std::string_view purpose, std::string_view text,
                                      std::chrono::sys_seconds now) const {
  const auto raw = raw_bytes(text, nonce_size + time_size + tag_size);
  if (!raw) return std::nullopt;
  const std::string_view nonce = std::string_view{*raw}.substr(0, nonce_size);
  for (const pair& p : pairs_)
    if (const auto plain =
            gcm{p.encryption, nonce, purpose}.decrypt(std::string_view{*raw}.substr(nonce_size)))
      return in_time(*plain, now);
  return std::nullopt;
}

cookie signed_cookie(const keys& by, cookie what, std::chrono::seconds lifetime) {
  what.value = by.sign(purpose_of("signed", what.name), what.value, wall_now() + lifetime);
  if (!what.max_age) what.max_age = lifetime;
  return what;
}

cookie encrypted_cookie(const keys& by, cookie what, std::chrono::seconds lifetime) {
  what.value = by.encrypt(purpose_of("encrypted", what.name), what.value, wall_now() + lifetime);
  if (!what.max_age) what.max_age = lifetime;
  return what;
}

std::optional<std::string> read_signed(const keys& by, const request& req, std::string_view name) {
  const auto text = req.cookie(name);
  if (!text) return std::nullopt;
  auto read = by.verify(purpose_of("signed", name), *text, wall_now());
  if (!read) return std::nullopt;
  return std::move(read->value);
}

std::optional<std::string> read_encrypted(const keys& by, const request& req, std::string_view name) {
  const auto text = req.cookie(name);
  if (!text) return std::nullopt;
  auto read = by.decrypt(purpose_of("encrypted", name), *text, wall_now());
  if (!read) return std::nullopt;
  return std::move(read->value);
}

}  // namespace aster::web
