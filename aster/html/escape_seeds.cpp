// What escape_fuzz.cpp begins with.
#include <initializer_list>
#include <string_view>

using namespace std::string_view_literals;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "plain words of a text, more than one block of sixteen",
    "javascript:alert(document.cookie)",
    " \tJava\nScript\r:alert(1)",
    "https://example.org/a?b=1&c=\"2\"#<d>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/png;base64,iVBORw0KGgo=",
    "</script><!--<script>",
    "\" onclick=\"alert(1)",
    "&amp;&#60;&lt",
    "\xEF\xBB\xBF\xC3\x28\x00\x7F"sv,
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "<", ">",  "&",    "\"",   "'", ":",     "javascript:",      "\r",   "\n", "\t",
    " ", "</", "<!--", "\x01", "/", "data:", "0123456789abcdef", "&#13;"};
