// Tells what lies in the image: a table of it, or for each path given what is found there.
#include <cstdio>
#include <print>
#include <string>
#include <string_view>

#include "aster/crunch.hpp"
#include "site.hpp"
using namespace aster;

namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text.empty() ? "-" : text;
}

std::string_view shown(std::string_view text) { return text.empty() ? "-" : text; }

}  // namespace

// What is known when the program is compiled can be asked then.
static_assert(site::css::style_css.path == "/css/style.css");
static_assert(site::all.find_built("/").file == &site::index_html);
static_assert(site::logo_png.gzip.empty() && site::logo_png.brotli.empty());

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto found = site::all.find(argv[i]);
    std::println("{}", found ? std::string{found->path} + (found.is_immutable ? " for ever" : "") : "nothing");
  }
  if (argc > 1) return 0;
  for (const crunch::file& file : site::all) {
    std::println("{}\n{}\n{}", file.path, file.type, file.url());
    std::println("{}\n{}\n{}", shown(file.etag), shown(file.gzip_etag), shown(file.brotli_etag));
    std::println("{}\n{}\n{}", hex(file.content), hex(file.gzip), hex(file.brotli));
  }
}
