#include "aster/websocket/extension.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace aster::websocket;

namespace {

/// The offers of a field as the answers write them, or "malformed".
std::string offers_in(std::string_view field) {
  std::vector<deflate_parameters> offers;
  if (!read_extensions(field, offers)) return "malformed";
  std::string text;
  for (const auto& each : offers) text += (text.empty() ? "" : ", ") + to_text(each);
  return text;
}

/// The answer to the first offer in the field.
std::string answer_to(std::string_view field, const compression_options& options = {}) {
  std::vector<deflate_parameters> offers;
  REQUIRE(read_extensions(field, offers).has_value());
  REQUIRE(!offers.empty());
  const auto answer = answer_offer(offers.front(), options);
  return answer ? to_text(*answer) : "declined";
}

}  // namespace

TEST_CASE("offers of permessage-deflate are read, and what is not one is passed over") {
  struct {
    const char* field;
    const char* offers;
  } const table[] = {
      {"", ""},
      {"permessage-deflate", "permessage-deflate"},
      {"PerMessage-Deflate; Client_Max_Window_Bits", "permessage-deflate; client_max_window_bits"},
      {"permessage-deflate; client_max_window_bits; server_max_window_bits=10",
       "permessage-deflate; server_max_window_bits=10; client_max_window_bits"},
      {"permessage-deflate; client_max_window_bits=\"12\"", "permessage-deflate; client_max_window_bits=12"},
      {"permessage-deflate;client_max_window_bits = \"\\12\"",
       "permessage-deflate; client_max_window_bits=12"},
      {"x-webkit-deflate-frame, permessage-deflate", "permessage-deflate"},
      {"foo; a=1; b=\"c\", permessage-deflate ; server_no_context_takeover ,,",
       "permessage-deflate; server_no_context_takeover"},
      {"permessage-deflate; client_no_context_takeover, permessage-deflate",
       "permessage-deflate; client_no_context_takeover, permessage-deflate"},
      // No offers: unknown, twice, of a wrong value.
      {"permessage-deflate; unknown", ""},
      {"permessage-deflate; server_no_context_takeover=1", ""},
      {"permessage-deflate; server_no_context_takeover; server_no_context_takeover", ""},
      {"permessage-deflate; server_max_window_bits", ""},
      {"permessage-deflate; server_max_window_bits=7", ""},
      {"permessage-deflate; server_max_window_bits=16", ""},
      {"permessage-deflate; server_max_window_bits=08", ""},
      {"permessage-deflate; client_max_window_bits=x", ""},
      {"permessage-deflate; client_max_window_bits=10; client_max_window_bits=10", ""},
      {"permessage-deflate; client_max_window_bits; client_max_window_bits", ""},
      {"permessage-deflate; server_max_window_bits=9; server_max_window_bits=10", ""},
      {"permessage-deflate; unknown, permessage-deflate", "permessage-deflate"},
      // Not even that.
      {"permessage-deflate; ", "malformed"},
      {"permessage-deflate; =1", "malformed"},
      {"permessage-deflate; server_max_window_bits=", "malformed"},
      {"permessage-deflate; server_max_window_bits=\"12", "malformed"},
      {"permessage-deflate; server_max_window_bits=\"\"", "malformed"},
      {"permessage-deflate; server_max_window_bits=\"1 2\"", "malformed"},
      {"permessage-deflate foo", "malformed"},
      {"; a", "malformed"},
      {"\"permessage-deflate\"", "malformed"},
  };
  for (const auto& [field, offers] : table) {
    CAPTURE(field);
    CHECK(offers_in(field) == offers);
  }
}

TEST_CASE("answers keep memory small, and within what was offered") {
  constexpr compression_options with_context{.keeps_context = true};
  CHECK(answer_to("permessage-deflate; client_max_window_bits") ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "server_max_window_bits=12; "
        "client_max_window_bits=12");
  CHECK(answer_to("permessage-deflate") ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "server_max_window_bits=12");
  CHECK(answer_to("permessage-deflate; client_max_window_bits=9; server_max_window_bits=10", with_context) ==
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
  CHECK(answer_to("permessage-deflate; server_no_context_takeover", with_context) ==
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=12");
  CHECK(answer_to("permessage-deflate", {.keeps_context = true, .window = 15}) ==
        "permessage-deflate; server_max_window_bits=15");
  CHECK(answer_to("permessage-deflate; server_max_window_bits=8") == "declined");  // zlib cannot
  CHECK(answer_to("permessage-deflate", {.is_offered = false}) == "declined");
}

TEST_CASE("an answer says what both directions are like") {
  deflate_parameters answer;
  CHECK(meaning_of(answer) == agreed_compression{{15, true}, {15, true}});
  answer = {.server_no_context_takeover = true, .server_max_window_bits = 10};
  CHECK(meaning_of(answer) == agreed_compression{{10, false}, {15, true}});
  answer = {
      .client_no_context_takeover = true, .client_max_window_bits = 9, .has_client_max_window_bits = true};
  CHECK(meaning_of(answer) == agreed_compression{{15, true}, {9, false}});
}
