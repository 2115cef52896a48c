#include "aster/crunch/media_type.hpp"

#include <doctest/doctest.h>

using namespace aster::crunch;

TEST_CASE("a media type goes by what stands behind the last dot, in either case") {
  CHECK(media_type_of("/css/style.css").type == "text/css; charset=utf-8");
  CHECK(media_type_of("app.min.js").type == "text/javascript; charset=utf-8");
  CHECK(media_type_of("PHOTO.JPG").type == "image/jpeg");
  CHECK(media_type_of("a.html").type == "text/html; charset=utf-8");
  CHECK(media_type_of("module.wasm").type == "application/wasm");
  CHECK(media_type_of("site.webmanifest").type == "application/manifest+json");
}

TEST_CASE("what is not known is bytes") {
  for (const char* path :
       {"", "/", "LICENSE", "/a.css/file", "x.", "x.unheardof", "x.averylongextensionindeed"}) {
    CAPTURE(path);
    CHECK(media_type_of(path).type == "application/octet-stream");
  }
}

TEST_CASE("formats that are compressed are known as such") {
  for (const char* path : {"a.png", "a.woff2", "a.zip", "a.mp4"}) CHECK(media_type_of(path).is_compressed);
  for (const char* path : {"a.css", "a.svg", "a.wasm", "a.ttf", "a"})
    CHECK_FALSE(media_type_of(path).is_compressed);
}
