// One table of a TOML file that is read key by key: what is asked for is what is allowed.
//
//   section s{table, "service.paste", complaints};
//   paste.port = s.whole("port", 1, 65535).value_or(80);
//   s.finish();                                 // complains of every key that nobody asked for
//
// A value of another type or outside of its range becomes a complaint and reads as absent, so that the reader
// goes on and finds the next one.
#pragma once
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/galaxy/declaration.hpp"

namespace aster::host::galaxy {

class section {
 public:
  /// `name` is how complaints call it; empty for the file itself. `table` and `complaints` must outlive it.
  section(const toml::table& table, std::string name, std::vector<complaint>& complaints)
      : table_(table), name_(std::move(name)), complaints_(complaints) {}

  std::optional<std::string> text(std::string_view key);
  std::optional<bool> truth(std::string_view key);
  std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<double> share(std::string_view key, double most);  // above 0
  std::optional<std::uint64_t> memory(std::string_view key);       // "16M"
  std::optional<std::chrono::milliseconds> duration(std::string_view key, std::chrono::milliseconds least);
  std::optional<std::size_t> choice(std::string_view key,
                                    std::span<const std::string_view> names);  // its index
  std::vector<std::string> texts(std::string_view key);
  /// `key = { name = "text" }`, in the order of the file.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);

  /// The table behind `key`; nothing when it is absent or no table.
  const toml::table* inner(std::string_view key);
  /// The tables behind `[[key]]`.
  std::vector<const toml::table*> list(std::string_view key);

  bool has(std::string_view key) const { return table_.contains(key); }
  const std::string& name() const { return name_; }
  std::vector<complaint>& complaints() const { return complaints_; }

  /// Complains about `key`, or about the section where there is no such key.
  void complain(std::string_view key, std::string_view what);

  /// Complains of each key that was never asked for, with the nearest that is allowed.
  void finish();

 private:
  const toml::node* find(std::string_view key);
  void wrong_type(std::string_view key, const toml::node& found, std::string_view wanted);

  const toml::table& table_;
  std::string name_;
  std::vector<complaint>& complaints_;
  std::vector<std::string> known_;
};

}  // namespace aster::host::galaxy
