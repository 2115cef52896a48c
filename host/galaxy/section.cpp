#include "host/galaxy/section.hpp"

#include <algorithm>
#include <format>

#include "host/words/duration.hpp"
#include "host/words/quantity.hpp"
#include "host/words/suggestion.hpp"

namespace aster::host::galaxy {

namespace {

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none: return "nothing";
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date";
  }
  return "something else";
}

/// A word from the file inside a sentence.
std::string ticked(std::string_view text) {
  return std::format("`{}{}`", text.substr(0, 60), text.size() > 60 ? "…" : "");
}

std::string listed(std::span<const std::string> words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

}  // namespace

const toml::node* section::find(std::string_view key) {
  if (!std::ranges::contains(known_, key)) known_.emplace_back(key);
  return table_.get(key);
}

void section::complain(std::string_view key, std::string_view what) {
  const toml::node* const node = table_.get(key);
  const toml::source_position at = (node != nullptr ? node->source() : table_.source()).begin;
  std::string where = name_;
  if (!key.empty()) where += (where.empty() ? "" : ".") + std::string{key};
  complaints_.push_back(
      {at.line, at.column, where.empty() ? std::string{what} : std::format("{}: {}", where, what)});
}

void section::wrong_type(std::string_view key, const toml::node& found, std::string_view wanted) {
  complain(key, std::format("is {}; wanted is {}", kind_of(found), wanted));
}

std::optional<std::string> section::text(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->as_string();
  if (value == nullptr) {
    wrong_type(key, *node, "a text");
    return std::nullopt;
  }
  if (value->get().contains('\0')) {
    complain(key, "holds a NUL byte");
    return std::nullopt;
  }
  return value->get();
}

std::optional<bool> section::truth(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->as_boolean();
  if (value == nullptr) {
    wrong_type(key, *node, "true or false");
    return std::nullopt;
  }
  return value->get();
}

std::optional<std::uint64_t> section::whole(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->as_integer();
  if (value == nullptr) {
    wrong_type(key, *node, std::format("a whole number from {} to {}", least, most));
    return std::nullopt;
  }
  const std::int64_t number = value->get();
  if (number < 0 || static_cast<std::uint64_t>(number) < least || static_cast<std::uint64_t>(number) > most) {
    complain(key, std::format("is {}; wanted is a whole number from {} to {}", number, least, most));
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

std::optional<double> section::share(std::string_view key, double most) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value) {
    wrong_type(key, *node, std::format("a number above 0, at most {}", most));
    return std::nullopt;
  }
  if (!(*value > 0) || *value > most) {  // not-a-number as well
    complain(key, std::format("is {}; wanted is a number above 0, at most {}", *value, most));
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> section::memory(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto word = text(key);
  if (!word) return std::nullopt;
  const auto bytes = parse_memory(*word);
  if (!bytes)
    complain(key, std::format("{} is no amount of memory; write it as \"512K\", \"16M\" or \"1G\"",
                              ticked(*word)));
  return bytes;
}

std::optional<std::chrono::milliseconds> section::duration(std::string_view key,
                                                           std::chrono::milliseconds least) {
  const auto word = text(key);
  if (!word) return std::nullopt;
  const auto span = parse_duration(*word);
  if (!span) {
    complain(key, std::format("{} is no span of time; write it as \"250ms\", \"5s\", \"2m\" or \"1h\"",
                              ticked(*word)));
  } else if (*span < least) {
    complain(key, std::format("is {}; the least is {}", to_duration_text(*span), to_duration_text(least)));
    return std::nullopt;
  }
  return span;
}

std::optional<std::size_t> section::choice(std::string_view key, std::span<const std::string_view> names) {
  const auto word = text(key);
  if (!word) return std::nullopt;
  if (const auto found = std::ranges::find(names, *word); found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  const std::vector<std::string> all(names.begin(), names.end());
  const auto near = suggestion(*word, all);
  complain(key, near ? std::format("no {}; did you mean {}? There are: {}", ticked(*word), ticked(*near),
                                   listed(all))
                     : std::format("no {}; there are: {}", ticked(*word), listed(all)));
  return std::nullopt;
}

std::vector<std::string> section::texts(std::string_view key) {
  std::vector<std::string> out;
  const toml::node* const node = find(key);
  if (node == nullptr) return out;
  const toml::array* const list = node->as_array();
  if (list == nullptr) {
    wrong_type(key, *node, "a list of texts, as [\"a\", \"b\"]");
    return out;
  }
  for (const toml::node& item : *list) {
    const auto* const value = item.as_string();
    if (value == nullptr || value->get().contains('\0'))
      complain(key, std::format("holds {}; wanted is a list of texts",
                                value == nullptr ? kind_of(item) : "a NUL byte"));
    else
      out.push_back(value->get());
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> section::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const toml::table* const table = inner(key);
  if (table == nullptr) return out;
  section s{*table, name_.empty() ? std::string{key} : std::format("{}.{}", name_, key), complaints_};
  std::vector<std::pair<toml::source_position, std::string>> keys;
  for (const auto& [name, node] : *table) keys.emplace_back(name.source().begin, name.str());
  std::ranges::sort(keys, [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [at, name] : keys)
    if (auto value = s.text(name)) out.emplace_back(name, std::move(*value));
  return out;
}

const toml::table* section::inner(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return nullptr;
  const toml::table* const table = node->as_table();
  if (table == nullptr) wrong_type(key, *node, "a table");
  return table;
}

std::vector<const toml::table*> section::list(std::string_view key) {
  std::vector<const toml::table*> out;
  const toml::node* const node = find(key);
  if (node == nullptr) return out;
  const toml::array* const array = node->as_array();
  if (array == nullptr) {
    wrong_type(key, *node, std::format("a list of tables, each begun by [[{}]]", key));
    return out;
  }
  for (const toml::node& item : *array) {
    if (const toml::table* const table = item.as_table())
      out.push_back(table);
    else
      complain(key,
               std::format("holds {}; wanted is a list of tables, each begun by [[{}]]", kind_of(item), key));
  }
  return out;
}

void section::finish() {
  std::vector<std::string> sorted = known_;
  std::ranges::sort(sorted);
  for (const auto& [key, node] : table_) {
    if (std::ranges::contains(known_, key.str())) continue;
    const toml::source_position at = key.source().begin;
    const auto near = suggestion(key.str(), sorted);
    const std::string hint =
        near ? std::format("did you mean {}?", ticked(*near)) : std::format("there are: {}", listed(sorted));
    complaints_.push_back(
        {at.line, at.column,
         std::format("{}no key {}; {}", name_.empty() ? "" : name_ + ": ", ticked(key.str()), hint)});
  }
}

}  // namespace aster::host::galaxy
