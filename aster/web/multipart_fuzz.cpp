// Fuzz target: a multipart body has the same parts however it was cut, or is refused however it was cut; and
// what is told of its parts is clean.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/http/grammar.hpp"
#include "aster/json/utf8.hpp"
#include "aster/web/multipart.hpp"

namespace web = aster::web;
namespace http = aster::http;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=a; filename=\"c:\\x%22.txt\"; filename*=UTF-8''%c3%bc\r\n"
    "Content-Type: text/csv\r\n\r\nx\r\n--\r\n-b\r\r\n\r\n--b \t\r\ncontent-disposition: form-data; "
    "name=b\r\n"
    "Content-Transfer-Encoding: binary\r\n\r\n\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"\xc3\xbc\\\"\"\r\nX: "
    "y\r\n\r\n\r\n--b\r\nContent-Disposition: "
    "form-data; name=b; filename=\"\"\r\n\r\n\r\n--b--\r\n",
};
const std::initializer_list<std::string_view> fuzz_pieces = {"\r\n",
                                                             "\r",
                                                             "\n",
                                                             "--b",
                                                             "--",
                                                             "\r\n--b",
                                                             "\r\n--b--",
                                                             "\"",
                                                             "\\",
                                                             ";",
                                                             "=",
                                                             " ",
                                                             "name=x",
                                                             "filename=",
                                                             "%22",
                                                             "%0A",
                                                             "UTF-8''",
                                                             "\xff",
                                                             "..",
                                                             "/",
                                                             "Content-Disposition: form-data; name=z\r\n",
                                                             std::string_view{"\0", 1}};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct pieces {
  std::string_view rest;
  std::size_t size;
  static std::size_t read(void* object, std::span<std::byte> out) {
    auto& self = *static_cast<pieces*>(object);
    const std::string_view piece = self.rest.substr(0, std::min(self.size, out.size()));
    if (!piece.empty()) std::memcpy(out.data(), piece.data(), piece.size());
    self.rest.remove_prefix(piece.size());
    return piece.size();
  }
};

/// All that is told, in one text.
std::string read(std::string_view body, std::size_t size) {
  pieces source{body, size};
  web::multipart_reader reader{{&source, &pieces::read}, "b", {.parts = 5, .head = 300}};
  std::string all;
  try {
    while (web::part* const part = reader.next()) {
      require(aster::json::is_utf8(part->name()));
      require(http::find_control(part->name(), 0) == part->name().size());
      if (part->filename()) {
        require(aster::json::is_utf8(*part->filename()));
        require(part->filename()->find_first_of("/\\\r\n\t") == std::string::npos);
      }
      all.append(part->name())
          .append("|")
          .append(part->filename().value_or("-"))
          .append("|")
          .append(part->type());
      all.append("|").append(part->text(1'000'000)).append("\n");
    }
    require(source.rest.empty());
    return all;
  } catch (const http::failure& refused) {
    return std::to_string(code(refused.status()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const std::string whole = read(body, size + 1);
  for (const std::size_t cut : {1, 2, 3, 7, 31}) require(read(body, cut) == whole);
  return 0;
}
