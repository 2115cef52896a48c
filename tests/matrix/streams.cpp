// Streams and locales beside std::format: libc++'s own locales serve both.
#include <format>
#include <iostream>
#include <locale>
#include <sstream>
#include <string>

namespace {

struct apart : std::numpunct<char> {
  char do_thousands_sep() const override { return '\''; }
  std::string do_grouping() const override { return "\3"; }
};

}  // namespace

int main() {
  std::cout << std::format("{:L} {:L} {:.1f}\n", 1234567, true, 2.25);
  std::cout << std::locale::classic().name() << ' ' << std::boolalpha << false << ' ' << 1234567 << '\n';
  const std::locale swiss(std::locale::classic(), new apart);
  std::cout << std::format(swiss, "{:L} {:L}\n", 1234567, true);
  std::istringstream words("7 0.5 x");
  words.imbue(swiss);
  int whole = 0;
  double part = 0;
  std::string rest;
  words >> whole >> part >> rest;
  std::cout << whole << ' ' << part << ' ' << rest << std::endl;
}
