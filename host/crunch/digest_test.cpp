#include "host/crunch/digest.hpp"

#include <doctest/doctest.h>

using namespace aster::host::crunch;

TEST_CASE("digests are those of the standards") {  // FIPS 180-4, RFC 1321: "abc"
  CHECK(hex(digest_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(digest_of("abc", digest::md5)) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex(digest_of("abc", digest::sha1)) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(digest_of("abc", digest::sha224)) == "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  CHECK(hex(digest_of("abc", digest::sha384)).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
  CHECK(hex(digest_of("abc", digest::sha512)).starts_with("ddaf35a193617abacc417349ae204131"));
  CHECK(hex(digest_of("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("digests are known by their names") {
  CHECK(parse_digest("sha256") == digest::sha256);
  CHECK(parse_digest("MD5") == digest::md5);
  for (const char* name : {"", "sha3", "sha256 ", "crc32"}) CHECK_FALSE(parse_digest(name).has_value());
}
