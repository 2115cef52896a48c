// What JSON promises not to compile, and what the compiler says. Run by cmake/refused.py.
#include <map>
#include <string>
#include <variant>

#include "aster/json.hpp"

using namespace aster;

struct opaque {
  explicit opaque(int) {}
};
struct holding {
  opaque inner;
};
struct viewing {
  std::string_view text;
};
struct named {
  static std::optional<named> parse(std::string_view);
  std::string_view text() const;
  explicit named(int);
};
struct with_name {
  named name;
};
struct good {
  std::string text;
  std::optional<named> name;
  std::map<std::string, int> map;
};

void f() {
  (void)json::write(good{});
  (void)json::read<good>("{}");
}

#ifdef a_type_without_json  // says: this type has no JSON
void g() { (void)json::write(opaque{1}); }
#endif

#ifdef a_member_without_json  // says: this type has no JSON
void g(const holding& h) { (void)json::write(h); }
#endif

#ifdef the_message_names_the_type  // says: is_json<std::variant<int, bool>>
void g() { (void)json::write(std::variant<int, bool>{}); }
#endif

#ifdef a_pointer  // says: this type has no JSON
void g(int* p) { (void)json::write(p); }
#endif

#ifdef reading_into_a_view  // says: a view would have nothing to refer to
void g() { (void)json::read<viewing>("{}"); }
#endif

#ifdef reading_a_type_without_json  // says: this type cannot be read from JSON
void g() { (void)json::read<std::optional<std::variant<int, bool>>>("{}"); }
#endif

#ifdef reading_a_member_that_cannot_be_made  // says: cannot be made without (as std::optional it can)
void g() { (void)json::read<with_name>("{}"); }
#endif

#ifdef a_map_by_something_else  // says: the keys of a JSON object are strings: this map has others
void g() { (void)json::write(std::map<double, int>{}); }
#endif

#ifdef more_members_than_there_are_names_for  // says: an aggregate that is read or written has at most 24 members
struct large {
  int a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25;
};
void g() { (void)json::write(large{}); }
#endif
