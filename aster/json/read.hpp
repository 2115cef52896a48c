// Reads JSON (RFC 8259) into values: what a text says goes straight into the members, and what it says
// wrongly is named by where it stands.
//
//   struct target { std::string url; int weight; };
//   struct link { std::string id; std::vector<target> targets; std::optional<std::string> note; };
//
//   auto read = json::read<link>(R"({"id": "xvw", "targets": [{"url": "/", "weight": "1"}]})");
//   read.error().text()      "targets[0].weight should be a whole number (line 1, column 54)"
//
// Every member has to be there, but those that are std::optional; null is no value. Members that the type
// does not have are passed over, unless options::strict. A name that comes twice is an error: who else reads
// the text may take the other one. Types are those of write.hpp, but views: std::string, bool, integers,
// float, double, enum class, types with `parse`, std::optional, std::vector and what else has emplace_back,
// std::array, maps by strings, aggregates, json::raw. An aggregate can be made without arguments, T{}.
#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>

#include "aster/json/reader.hpp"

namespace aster::json {

/// What is wrong with a text.
struct error {
  /// Where in the value: "links[2].target"; empty for the whole.
  std::string path;
  /// What is wrong there, to be read behind the path: "is missing", "should be a string".
  std::string message;
  /// Where in the text, from 1 on; columns are bytes.
  std::size_t line = 1, column = 1;
  /// It is no JSON at all, or does not keep to the limits of depth and memory; otherwise a value is wrong.
  bool is_malformed = false;

  /// In one line. Holds nothing of the text but names.
  std::string text() const;
};

struct options {
  /// Members that the type does not have are errors.
  bool strict = false;
  /// How deep lists and objects may lie in one another, those passed over included.
  std::size_t depth = 32;
  /// Bytes that elements of lists and maps may take together as C++ values. A text of one megabyte can
  /// hold some hundred thousand of them, each as large as its type is.
  std::size_t memory = std::size_t{16} * 1024 * 1024;
};

namespace detail {
std::optional<error> read_into(std::string_view text, const reader& how, void* to, const options& with);
}

/// The value of a whole text. Its size is the caller's to limit.
template <class T>
std::expected<T, error> read(std::string_view text, const options& with = {}) {
  std::expected<T, error> result{};
  if (auto wrong = detail::read_into(text, detail::reader_for<T>::value, &*result, with))
    result = std::unexpected(std::move(*wrong));
  return result;
}

}  // namespace aster::json
