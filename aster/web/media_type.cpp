#include "aster/web/media_type.hpp"

namespace aster::web {

bool next_parameter(std::string_view& rest, std::string_view& name, std::string& value) {
  std::string_view text = http::trim(rest);
  if (!text.starts_with(';')) {
    rest = text;
    return false;
  }
  text = http::trim(text.substr(1));
  if (text.empty()) {  // a semicolon at the end, which is seen in the wild
    rest = text;
    return false;
  }
  const std::size_t name_size = http::find_token_end(text, 0);
  if (name_size == 0 || name_size == text.size() || text[name_size] != '=') return false;
  name = text.substr(0, name_size);
  text.remove_prefix(name_size + 1);
  value.clear();
  if (!text.starts_with('"')) {
    const std::size_t size = http::find_token_end(text, 0);
    if (size == 0) return false;
    value = text.substr(0, size);
    rest = text.substr(size);
    return true;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      rest = text.substr(i + 1);
      return true;
    }
    // Only these two are ever escaped: a browser that sends "C:\new" means a backslash.
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    value += text[i];
  }
  return false;
}

std::optional<std::string> parameter_of(std::string_view field, std::string_view name) {
  std::string_view rest = field.substr(std::min(field.find(';'), field.size())), each;
  std::optional<std::string> found;
  std::string value;
  while (next_parameter(rest, each, value)) {
    if (!http::equals_ignoring_case(each, name)) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return rest.empty() ? found : std::nullopt;
}

}  // namespace aster::web
