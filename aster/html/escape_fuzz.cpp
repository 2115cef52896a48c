// Fuzz target: whatever a text is, the element that it is put into has no other tag and no other attribute
// for it, and its address runs no code for somebody who reads it as browsers do.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Takes `expected` off the front.
void expect(std::string_view& page, std::string_view expected) {
  require(page.starts_with(expected));
  page.remove_prefix(expected.size());
}

/// Takes off what was written for a value: all up to the first of these characters.
std::string_view value_up_to(std::string_view& page, char end) {
  const std::size_t size = page.find(end);
  require(size != page.npos);
  const std::string_view value = page.substr(0, size);
  page.remove_prefix(size);
  require(value.find_first_of("<>") == value.npos);
  for (char c : value)
    require(static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\f' || c == '\r');
  for (std::size_t at = 0; (at = value.find('&', at)) != value.npos; ++at) {
    bool is_reference = false;
    for (std::string_view reference : {"&amp;", "&lt;", "&gt;", "&quot;"})
      is_reference = is_reference || value.substr(at).starts_with(reference);
    require(is_reference);
  }
  return value;
}

/// The scheme as a browser finds it (url.spec.whatwg.org, 4.4), in lower case; nothing for a relative
/// address.
std::string scheme_of(std::string_view written) {
  std::string scheme;
  bool begun = false;
  for (std::size_t at = 0; at < written.size(); ++at) {
    char c = written[at];
    if (c == '\t' || c == '\n' || c == '\r') continue;
    if (!begun && (static_cast<unsigned char>(c) <= ' ')) continue;
    begun = true;
    if (c == ':') return scheme;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool letter = c >= 'a' && c <= 'z';
    if (!letter && (scheme.empty() || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
      return {};
    scheme += c;
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto tree =
      fragment(a(_href = text, _title = text, text), script(_type = "application/json", json(text)));
  const std::string all = to_string(tree, {.nonce = text});
  std::string streamed;
  render(tree, [&](std::string_view part) { streamed += part; }, {.nonce = text});
  require(streamed == all);

  std::string_view page = all;
  expect(page, "<a href=\"");
  const std::string scheme = scheme_of(value_up_to(page, '"'));
  bool is_known = scheme.empty();
  for (std::string_view known : {"http", "https", "mailto", "tel", "sms", "blob", "data", "about"})
    is_known = is_known || scheme == known;
  require(is_known);
  expect(page, "\" title=\"");
  value_up_to(page, '"');
  expect(page, "\">");
  value_up_to(page, '<');
  expect(page, "</a><script");
  if (!text.empty()) {
    expect(page, " nonce=\"");
    value_up_to(page, '"');
    expect(page, "\"");
  }
  expect(page, " type=\"application/json\">");
  require(page.find('<') == page.rfind("</script>"));
  return 0;
}
