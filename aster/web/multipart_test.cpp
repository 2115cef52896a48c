#include "aster/web/multipart.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

/// A body that comes in pieces of some size.
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

struct found {
  std::string name, type, content;
  std::optional<std::string> filename;
  bool operator==(const found&) const = default;
};

std::vector<found> read(std::string_view body, std::size_t size = 1'000'000, std::string_view boundary = "b",
                        web::multipart_limits limits = {}) {
  pieces source{body, size};
  web::multipart_reader reader{{&source, &pieces::read}, boundary, limits};
  std::vector<found> all;
  while (web::part* const part = reader.next()) {
    found one{part->name(), std::string{part->type()}, {}, part->filename()};
    one.content = part->text(1'000'000);
    all.push_back(std::move(one));
  }
  return all;
}

int status_of(std::string_view body, web::multipart_limits limits = {}) {
  try {
    read(body, 1'000'000, "b", limits);
    return 200;
  } catch (const http::failure& f) {
    return code(f.status());
  }
}

std::string part(std::string_view disposition, std::string_view content = "x") {
  return std::string{"--b\r\nContent-Disposition: "}.append(disposition).append("\r\n\r\n").append(content) +
         "\r\n";
}
std::optional<std::string> filename(std::string_view parameters) {
  return read(part(std::string{"form-data; name=f; "}.append(parameters)) + "--b--").at(0).filename;
}

}  // namespace

TEST_CASE("parts are found, however the body was cut") {
  const std::string content = "a\r\n--\r\n-b\r\n--c\r\r\n--" + std::string(20'000, 'x') + "\r\n";
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\n1\r\n"
      "--b \t\r\ncontent-disposition: form-data; name=two; filename=\"t.txt\"\r\nContent-Type: text/csv\r\n"
      "X-More: y\r\n\r\n" +
      content + "\r\n--b\r\nContent-Disposition: form-data; name=three\r\n\r\n\r\n--b--\r\n";
  const std::vector<found> expected{{"one", "text/plain", "1", std::nullopt},
                                    {"two", "text/csv", content, "t.txt"},
                                    {"three", "text/plain", "", std::nullopt}};
  for (const std::size_t size : {1'000'000, 1, 2, 3, 5, 7, 64, 1000, 8192})
    CHECK(read(body, size) == expected);
  CHECK(read("--b--").empty());
  CHECK(read("--b--\r\n").empty());
}

TEST_CASE("content is read in small pieces, or passed over") {
  const std::string body = part("form-data; name=a", "0123456789") + part("form-data; name=b", "x") + "--b--";
  pieces source{body, 4};
  web::multipart_reader reader{{&source, &pieces::read}, "b"};
  web::part* one = reader.next();
  std::array<std::byte, 3> buffer;
  std::string text;
  for (int i = 0; i < 2; ++i) {
    const std::size_t got = one->read(buffer);
    text.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
  CHECK(std::string{"0123456789"}.starts_with(text));
  one = reader.next();
  CHECK(one->name() == "b");
  CHECK(one->text(1) == "x");
  CHECK(one->read(buffer) == 0);
  CHECK(reader.next() == nullptr);
  CHECK(reader.next() == nullptr);
}

TEST_CASE("names of files are the last component, in UTF-8, without controls") {
  CHECK(filename("filename=\"a.txt\"") == "a.txt");
  CHECK(filename("filename=\"\"") == "");
  CHECK(filename("filename=\"../../etc/passwd\"") == "passwd");
  CHECK(filename("filename=\"C:\\dir\\a.txt\"") == "a.txt");
  CHECK(filename("filename=\"..\"") == "");
  CHECK(filename("filename=\"a\\\"b.txt\"") == "a\"b.txt");
  CHECK(filename("filename=\"a%22b%0D%0A.txt\"") == "a\"b.txt");
  CHECK(filename("filename=\"100%25.txt\"") == "100%25.txt");
  CHECK(filename("filename=\"\xc3\xbc.txt\"") == "\xc3\xbc.txt");
  CHECK(filename("filename=\"x\"; filename*=UTF-8''%c3%bc%2f%E2%82%AC.txt") == "\xe2\x82\xac.txt");
  CHECK(filename("filename=\"" + std::string(300, 'a') + "\"")->size() == 255);
  CHECK(status_of(part("form-data; name=f; filename=\"\xff\"") + "--b--") == 400);
  CHECK(status_of(part("form-data; name=f; filename*=latin1''a") + "--b--") == 400);
  CHECK(status_of(part("form-data; name=f; filename*=UTF-8''%f") + "--b--") == 400);
  CHECK(status_of(part("form-data; name=f; filename*=UTF-8''%ff") + "--b--") == 400);
}

TEST_CASE("what two readers could see differently is refused") {
  const std::string good = part("form-data; name=a");
  CHECK(status_of(good + "--b--") == 200);
  for (const std::string& bad : std::vector<std::string>{
           "",
           "--b",
           "--b\r\n",
           "preamble\r\n" + good + "--b--",
           "--c\r\n\r\n--c--",
           good,                                                          // no end
           good + "--b-",                                                 //
           good + "--b--\r\nepilogue",                                    //
           good + "--b-- x",                                              //
           good + "--bb\r\n\r\n--b--",                                    // a longer boundary
           good + "--b x\r\n\r\n--b--",                                   //
           good + "--b\n\r\n--b--",                                       //
           "--b\r\n\r\nx\r\n--b--",                                       // no disposition
           "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--",  // no line end
           "--b\r\nContent-Disposition: form-data; name=a\n\nx\r\n--b--",
           "--b\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--b--",  // folded
           "--b\r\nContent-Disposition : form-data; name=a\r\n\r\nx\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
           "name=b\r\n\r\nx\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
           "base64\r\n\r\nx\r\n--b--",
           part("attachment; name=a") + "--b--",
           part("form-data") + "--b--",
           part("form-data; name=a; name=b") + "--b--",
           part("form-data; name=a; filename=b; filename=c") + "--b--",
           part("form-data; name=\"a") + "--b--",
           part("form-data; name=\"a\" x") + "--b--",
           part("form-data; name = a") + "--b--",
           part("form-data; name=\"a%0Ab\"") + "--b--",
           part("form-data; name=\"\xff\"") + "--b--",
       }) {
    CAPTURE(bad);
    CHECK(status_of(bad) == 400);
  }
}

TEST_CASE("numbers and sizes have limits") {
  std::string body;
  for (int i = 0; i < 5; ++i) body += part("form-data; name=a");
  body += "--b--";
  CHECK(status_of(body, {.parts = 5}) == 200);
  CHECK(status_of(body, {.parts = 4}) == 413);
  const std::string head = "form-data; name=\"" + std::string(1000, 'a') + "\"";
  CHECK(status_of(part(head) + "--b--", {.head = 1100}) == 200);
  CHECK(status_of(part(head) + "--b--", {.head = 1000}) == 400);
  CHECK(status_of("--b\r\nX: " + std::string(100'000, 'a')) == 400);
  CHECK(status_of("--b" + std::string(100'000, ' ')) == 400);
  pieces source{body, 10};
  web::multipart_reader reader{{&source, &pieces::read}, "b"};
  CHECK_THROWS_AS(reader.next()->text(0), http::failure);
}

TEST_CASE("a handler reads an upload larger than its memory") {
  constexpr web::route<"/upload"> upload;
  web::app app{web::post(upload, [](const web::request& req) {
    req.allow_body(10'000'000);
    std::string answer;
    std::array<std::byte, 4096> buffer;
    for (web::part& part : web::parts(req)) {
      std::size_t size = 0;
      while (const std::size_t got = part.read(buffer)) size += got;
      answer.append(part.name()).append(" ").append(std::to_string(size)).append("\n");
    }
    return answer;
  })};
  web::test::client client{app};
  const std::string body = part("form-data; name=big; filename=f", std::string(3'000'000, '\r')) +
                           part("form-data; name=small") + "--b--\r\n";
  CHECK(client.post("/upload", "multipart/form-data; boundary=b", body).body == "big 3000000\nsmall 1\n");
  CHECK(client.post("/upload", "multipart/form-data; boundary=\"a\\\\b\"", body).status == 400);
  CHECK(client.post("/upload", "multipart/mixed; boundary=b", body).status == 415);
  CHECK(client.post("/upload", "multipart/form-data; boundary=b", body.substr(0, 1'000'000)).status == 400);
}
