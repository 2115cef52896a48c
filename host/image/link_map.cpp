#include "host/image/link_map.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace aster::host {
namespace {

std::string_view take_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t end = std::min(line.find(' ', begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> number(std::string_view word, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// "/lib/libc.a(printf.o):(.text)" in its three parts; nothing when it is not of that shape.
bool split_input(std::string_view text, map_input& input) {
  const std::size_t colon = text.rfind(":(");
  if (colon == std::string_view::npos || !text.ends_with(')')) return false;
  input.section = text.substr(colon + 2, text.size() - colon - 3);
  const std::string_view file = text.substr(0, colon);
  const std::size_t member = file.ends_with(')') ? file.rfind(".a(") : std::string_view::npos;
  if (member == std::string_view::npos) {
    input.file = file;
  } else {
    input.file = file.substr(0, member + 2);
    input.member = file.substr(member + 3, file.size() - member - 4);
  }
  return true;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Debian's libc++.a holds libc++abi too; these members are its.
bool is_abi_member(std::string_view member) {
  constexpr std::string_view names[] = {
      "fallback_malloc.cpp.o",   "private_typeinfo.cpp.o", "abort_message.cpp.o",   "stdlib_exception.cpp.o",
      "stdlib_new_delete.cpp.o", "stdlib_typeinfo.cpp.o",  "stdlib_stdexcept.cpp.o"};
  return member.starts_with("cxa_") || std::ranges::contains(names, member);
}

/// "net" of ".../libaster_net.a" and of "kernel/CMakeFiles/aster_kernel.dir/boot.cpp.o".
std::string_view own_library(std::string_view path) {
  const std::size_t at = path.find("aster_");
  if (at == std::string_view::npos) return {};
  std::string_view name = path.substr(at + 6);
  const std::size_t end = name.find('.');
  if (end == std::string_view::npos) return {};
  const std::string_view rest = name.substr(end);
  if (!rest.starts_with(".dir/") && rest != ".a") return {};
  return name.substr(0, end);
}

}  // namespace

link_map parse_link_map(std::string_view text) {
  link_map map;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));

    const auto address = number(take_word(line), 16);
    const auto load_address = number(take_word(line), 16);
    const auto size = number(take_word(line), 16);
    const auto alignment = number(take_word(line), 10);
    if (!address || !load_address || !size || !alignment) continue;
    // After the numbers: 1 space and an output section, 9 and an input section, 17 and a symbol.
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) continue;
    const std::string_view name = line.substr(indent);
    if (indent == 1) {
      map.outputs.push_back({*address, *size, std::string{name}});
    } else if (indent == 9 && !map.outputs.empty()) {
      map_input input{*address, *size, map.outputs.back().name, {}, {}, {}, {}};
      if (split_input(name, input)) map.inputs.push_back(std::move(input));
    } else if (indent == 17 && !map.inputs.empty()) {
      map.inputs.back().symbols.push_back({*address, *size, std::string{name}});
    }
  }
  return map;
}

std::string library_of(const map_input& input) {
  if (input.file == "<internal>") return "linker";
  if (const std::string_view own = own_library(input.file); !own.empty()) {
    // Libraries that a program is written with are rooms of aster/; the rest stand for themselves.
    constexpr std::string_view rooms[] = {"task", "net", "http", "crunch"};
    return std::ranges::contains(rooms, own) ? "aster/" + std::string{own} : std::string{own};
  }
  std::string_view name = file_name(input.file);
  if (name == "libc++.a") return is_abi_member(input.member) ? "libc++abi" : "libc++";
  if (name.starts_with("libclang_rt.") || name.starts_with("clang_rt.")) return "compiler-rt";
  if (!name.ends_with(".a")) {
    constexpr std::string_view start_files[] = {"rcrt1.o", "crt1.o", "crti.o", "crtn.o"};
    return std::ranges::contains(start_files, name) ? "libc" : "program";
  }
  name.remove_suffix(2);
  return std::string{name};
}

}  // namespace aster::host
