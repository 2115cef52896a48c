// The "C" locale for std::format and std::print, in place of libc++'s locale.cpp.
//
// Each instantiation of std::format names six members of std::locale, for the sake of `{:L}`; they bring every facet
// of libc++, setlocale, strftime and scanf, 350 KB. Only one facet can be asked for by what lies here: how numbers
// are written. Who includes <iostream>, names a locale or installs a facet names other members too, and thereby gets
// libc++'s own.
#include <cstddef>
#include <locale>
#include <new>
#include <string>
#include <typeinfo>

// Every locale is the same one.
std::locale::locale() noexcept : __locale_(nullptr) {}
std::locale::locale(const locale&) noexcept : __locale_(nullptr) {}
const std::locale& std::locale::operator=(const locale&) noexcept { return *this; }
std::locale::~locale() = default;

std::locale::facet::~facet() = default;
void std::locale::facet::__on_zero_shared() noexcept { delete this; }

std::locale::id std::numpunct<char>::id;
std::numpunct<char>::numpunct(std::size_t references)
    : facet(references), __decimal_point_('.'), __thousands_sep_(',') {}
namespace std {
numpunct<char>::~numpunct() = default;
}
char std::numpunct<char>::do_decimal_point() const { return __decimal_point_; }
char std::numpunct<char>::do_thousands_sep() const { return __thousands_sep_; }
std::string std::numpunct<char>::do_grouping() const { return __grouping_; }
std::string std::numpunct<char>::do_truename() const { return "true"; }
std::string std::numpunct<char>::do_falsename() const { return "false"; }

namespace {
struct punctuation final : std::numpunct<char> {
  punctuation() : numpunct(1) {}  // the reference that is never given back: std::format may be used until the end
};
}  // namespace

const std::locale::facet* std::locale::use_facet(id& wanted) const {
  if (&wanted != &numpunct<char>::id) throw std::bad_cast();
  alignas(punctuation) static std::byte room[sizeof(punctuation)];
  static const punctuation* const numbers = new (room) punctuation;
  return numbers;
}
