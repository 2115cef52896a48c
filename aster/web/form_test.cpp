#include "aster/web/form.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

enum class colour { red, green };
struct new_link {
  std::string target;
  std::optional<web::slug> id;
  std::vector<int> tag;
  bool listed = false;
  std::optional<int> weight;
  colour shade = colour::red;
};
struct simple {
  web::slug id;
  int count;
};
constexpr web::route<"/links"> links;
constexpr web::route<"/simple"> plain;

std::string describe(const new_link& n) {
  std::string text = n.target + "|" + (n.id ? std::string{n.id->text()} : "-") + "|";
  for (const int tag : n.tag) text += std::to_string(tag) + ",";
  return text + (n.listed ? "|listed|" : "|hidden|") + std::to_string(n.weight.value_or(-1)) + "|" +
         std::string{json::name_of(n.shade)};
}

}  // namespace

TEST_CASE("a form becomes an aggregate") {
  web::app app{
      web::post(links, [](web::form<new_link> sent) { return describe(*sent); }),
      web::post(plain,
                [](const web::form<simple>& sent) {
                  return std::string{sent->id.text()} + std::to_string(sent->count);
                }),
  };
  web::test::client client{app};
  CHECK(client.post_form("/links", {{"target", "https://example.org/?a=b&c=%"}, {"shade", "green"}}).body ==
        "https://example.org/?a=b&c=%|-||hidden|-1|green");
  CHECK(client
            .post_form("/links", {{"target", ""},
                                  {"id", "xvw"},
                                  {"tag", "1"},
                                  {"tag", "2"},
                                  {"listed", "off"},
                                  {"listed", "on"},
                                  {"weight", "7"},
                                  {"shade", "red"},
                                  {"unknown", "x"}})
            .body == "|xvw|1,2,|listed|7|red");
  CHECK(client.post_form("/links", {{"target", "t"}, {"id", ""}, {"weight", ""}, {"shade", "red"}}).body ==
        "t|-||hidden|-1|red");
  CHECK(client.post_form("/simple", {{"id", "a-b"}, {"count", "5"}}).body == "a-b5");

  SUBCASE("in many parts too, without its files") {
    const std::string type = "multipart/form-data; boundary=b";
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\nline\r\ntwo\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"target\"; filename=\"f\"\r\n\r\na file\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"shade\"\r\n\r\ngreen\r\n--b--\r\n";
    CHECK(client.post("/links", type, body).body == "line\r\ntwo|-||hidden|-1|green");
    CHECK(client.post("/links", type, body.substr(0, body.size() - 8)).status == 400);
    CHECK(client.post("/links", "multipart/form-data", body).status == 400);
  }
  SUBCASE("what is wrong is answered with the names of the fields") {
    const auto wrong = client.post_form("/links", {{"id", "a b"},
                                                   {"tag", "1"},
                                                   {"tag", "x"},
                                                   {"listed", "maybe"},
                                                   {"weight", "1"},
                                                   {"weight", "2"},
                                                   {"shade", "blue"}});
    CHECK(wrong.status == 422);
    CHECK(
        wrong.body ==
        "target is missing\nid is not of the right form\ntag should be a whole number that is not too large\n"
        "listed should be on or off\nweight was sent twice\nshade is not of the right form\n");
    CHECK(client.post_form("/simple", {{"id", ""}, {"count", "99999999999"}}).body ==
          "id is missing\ncount should be a whole number that is not too large\n");
    CHECK(client.post("/links", "application/x-www-form-urlencoded", "target=%ff&shade=red").body ==
          "target is no text\n");
    CHECK(client.post("/links", "application/x-www-form-urlencoded", "target=%f&shade=red").status == 400);
    CHECK(client.post("/links", "text/plain", "target=x").status == 415);
    std::string many = "a=1";
    for (int i = 0; i < 256; ++i) many += "&a=1";
    CHECK(client.post("/links", "application/x-www-form-urlencoded", many).status == 413);
  }
}

TEST_CASE("a form can be shown again as it was sent, with what is wrong beside its fields") {
  web::app app{web::post(links, [](web::form_result<new_link> sent) {
    if (sent && sent->target == "taken") sent.refuse("target", "is taken");
    std::string page = sent ? "well" : "again";
    page.append(" [").append(sent.text("target")).append("] ").append(sent.error("target"));
    page.append(" [").append(sent.text("id")).append("] ").append(sent.error("id"));
    return page + (sent.has("tag", "2") ? " two" : "");
  })};
  web::test::client client{app};
  CHECK(client.post_form("/links", {{"target", "t"}, {"shade", "red"}}).body == "well [t]  [] ");
  CHECK(client.post_form("/links", {{"target", "taken"}, {"shade", "red"}}).body ==
        "again [taken] is taken [] ");
  CHECK(client.post_form("/links", {{"id", "a b"}, {"tag", "1"}, {"tag", "2"}}).body ==
        "again [] is missing [a b] is not of the right form two");
}

TEST_CASE("a form can be filled in with what there is") {
  const auto result =
      web::form_result<new_link>::of({"t", std::nullopt, {1, 2}, true, std::nullopt, colour::red});
  CHECK(result);
  CHECK(result.text("target") == "t");
  CHECK(result.text("id").empty());
  CHECK(result.has("tag", "2"));
  CHECK(result.text("listed") == "on");
  CHECK(result.text("shade") == "red");
  const web::form_result<new_link> empty;
  CHECK(!empty);
  CHECK(empty.errors().empty());
  CHECK(empty.text("target").empty());
}
