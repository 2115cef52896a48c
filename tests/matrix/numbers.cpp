// Numbers as text in an image without streams and without a locale of its own: what std::format itself needs is there.
#include <cstdio>
#include <format>
#include <locale>
#include <print>
#include <typeinfo>

namespace {

struct installed_nowhere : std::locale::facet {
  static std::locale::id id;
};
std::locale::id installed_nowhere::id;

}  // namespace

int main() {
  std::println("{:L} {:L} {:L} {:.2Lf}", 1234567, true, false, 1234.5);
  std::println("{:.3f} {:.3e} {:.3g} {:.0f} {}", 2.0 / 3, 2.0 / 3, 2.0 / 3, 1e22, 0.1);
  std::println("{}", std::format("{:>10.1f}|{:a}", -0.25, 1.0));
  try {
    std::use_facet<installed_nowhere>(std::locale());
  } catch (const std::bad_cast&) {
    std::println("bad_cast");
  }
}
