#include "aster/web/keys.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "aster/web/base64url.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;
using namespace std::literals;

namespace {

const std::string first(32, 'a'), second(40, 'b');
constexpr std::chrono::sys_seconds now{1'000'000s};

}  // namespace

TEST_CASE("what is signed is read back, for its purpose and its time, by the keys that there are") {
  const web::keys keys{first};
  const std::string text = keys.sign("name", "value", now + 10s);
  CHECK(web::is_cookie_value(text));
  CHECK(keys.verify("name", text, now)->value == "value");
  CHECK(keys.verify("name", text, now)->expires == now + 10s);
  CHECK(keys.verify("name", text, now + 9s));
  CHECK(!keys.verify("name", text, now + 10s));
  CHECK(!keys.verify("nam", text, now));
  CHECK(!keys.verify("other", text, now));
  CHECK(!web::keys{second}.verify("name", text, now));
  CHECK(web::keys{second, first}.verify("name", text, now)->value == "value");
  CHECK(web::keys{second, first}.sign("name", "value", now) == web::keys{second}.sign("name", "value", now));
  CHECK(!keys.decrypt("name", text, now));
  CHECK(keys.verify("", keys.sign("", "", now), now - 1s)->value.empty());
}

TEST_CASE("what is encrypted is read back, and its text is another one each time") {
  const web::keys keys{first};
  const std::string text = keys.encrypt("name", "a secret value", now + 10s);
  CHECK(keys.decrypt("name", text, now)->value == "a secret value");
  CHECK(text != keys.encrypt("name", "a secret value", now + 10s));
  CHECK(!web::from_base64url(text)->contains("secret"));
  CHECK(!keys.decrypt("name", text, now + 10s));
  CHECK(!keys.decrypt("other", text, now));
  CHECK(!web::keys{second}.decrypt("name", text, now));
  CHECK(web::keys{second, first}.decrypt("name", text, now)->value == "a secret value");
  CHECK(!keys.verify("name", text, now));
  for (const std::size_t size : {0, 1, 15, 16, 17, 1000}) {
    const std::string value(size, 'v');
    CHECK(keys.decrypt("n", keys.encrypt("n", value, now + 1s), now)->value == value);
  }
}

TEST_CASE("no bit of a text can be changed, and none can be cut off") {
  const web::keys keys{first};
  for (const bool is_encrypted : {false, true}) {
    const std::string text =
        is_encrypted ? keys.encrypt("name", "value", now + 10s) : keys.sign("name", "value", now + 10s);
    const auto read = [&](std::string_view t) {
      return is_encrypted ? keys.decrypt("name", t, now) : keys.verify("name", t, now);
    };
    REQUIRE(read(text));
    const std::string bytes = *web::from_base64url(text);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      CHECK(!read(web::to_base64url(changed)));
    }
    for (std::size_t size = 0; size < text.size(); ++size)
      CHECK(!read(std::string_view{text}.substr(0, size)));
    CHECK(!read(text + "A"));
    CHECK(!read(text + "="));
    CHECK(!read(std::string(100'000, 'A')));
  }
}

TEST_CASE("texts are those that others make of the same keys") {
  // By Python: hmac and cryptography's AESGCM over HKDF's extract and expand of the secret.
  const web::keys keys{"0123456789abcdef0123456789abcdef"};
  CHECK(keys.sign("signed cookie n", "value", std::chrono::sys_seconds{1'000'010s}) ==
        "AAAAAAAPQkp2YWx1Ze18v08a7CMGsqqWxW8nnDuYQQIJ3L5Z6I1zCfxWDql9");
  CHECK(keys.decrypt("encrypted cookie n", "AAECAwQFBgcICQoL6RvfaOyq3BQ8Jn6oVQc1zNHD0xyKCTUMV50Yd7Q", now)
            ->value == "value");
}

TEST_CASE("secrets have a size") {
  CHECK_THROWS_AS(web::keys{"short"}, std::invalid_argument);
  CHECK_THROWS_AS((web::keys{first, "short"}), std::invalid_argument);
  CHECK_THROWS_AS(web::keys{std::vector<std::string>{}}, std::invalid_argument);
  const web::keys one = web::keys::random(), other = web::keys::random();
  CHECK(!other.verify("n", one.sign("n", "v", now), now - 1s));
}

TEST_CASE("cookies are signed and encrypted") {
  constexpr web::route<"/"> home;
  const web::keys keys{first};
  web::app app{web::get(home, [&](const web::request& req) {
    return web::text(web::read_signed(keys, req, "s").value_or("-") +
                     web::read_encrypted(keys, req, "e").value_or("-"))
        .cookie(web::signed_cookie(keys, {.name = "s", .value = "one; \"two\""}, 1h))
        .cookie(web::encrypted_cookie(keys, {.name = "e", .value = "three"}, 1h));
  })};
  web::test::client client{app};
  CHECK(client.get("/").body == "--");
  CHECK(client.get("/").body == "one; \"two\"three");
  const std::string cookies = client.cookies();
  const std::string s = cookies.substr(2, cookies.find(';') - 2), e = cookies.substr(cookies.find("e=") + 2);
  client.forget_cookies();
  CHECK(client.get("/", {{"Cookie", "s=" + e + "; e=" + s}}).body == "--");
  client.forget_cookies();
  CHECK(client.get("/", {{"Cookie", "s=" + s}}).body == "one; \"two\"-");
}
