// Names of files as names in C++: "css/style.css" becomes css::style_css.
#pragma once
#include <string>
#include <string_view>

namespace aster::host::crunch {

/// A C++ identifier for one part of a path (valid UTF-8, not empty). Every character but ASCII letters and
/// digits becomes '_', of which there are never two in a row; what C++ would not take gets another '_': in
/// front before a digit ("404.html", _404_html), behind a keyword ("new", new_). Different names may give the
/// same identifier.
std::string identifier_of(std::string_view part);

/// Whether it can be given as a name as it stands: letters, digits and '_', no keyword, not reserved (C++
/// [lex.name]).
bool is_identifier(std::string_view name);

}  // namespace aster::host::crunch
