#include "host/crunch/generated_code.hpp"

#include <format>

#include "host/crunch/digest.hpp"

namespace aster::host::crunch {
namespace {

std::string literal_of(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "\"";
}

/// The symbol of a file's bytes: the content, then its codings.
std::string symbol_of(const crunched_folder& folder, std::size_t index) {
  return std::format("aster_crunch_{}_{}_{}", folder.name, index, folder.files[index].identifier);
}

std::size_t size_of(const crunched_file& file) {
  return file.content.size() + file.gzip.size() + file.brotli.size();
}

std::string view(std::string_view symbol, std::size_t offset, std::size_t size) {
  if (size == 0) return "{}";
  return offset == 0 ? std::format("{{::{}, {}}}", symbol, size)
                     : std::format("{{::{} + {}, {}}}", symbol, offset, size);
}

/// 128 bits of the digest tell any two contents apart.
std::string tag(const crunched_file& file, std::string_view coding) {
  return std::format("\"\\\"{}{}\\\"\"", file.sha256.substr(0, 32), coding);
}

std::string constant(const crunched_folder& folder, std::size_t index) {
  const crunched_file& file = folder.files[index];
  const std::string symbol = symbol_of(folder, index);
  return std::format(
      "inline constexpr ::aster::crunch::file {}{{\n"
      "    .path = {},\n"
      "    .type = {},\n"
      "    .content = {},\n"
      "    .gzip = {},\n"
      "    .brotli = {},\n"
      "    .etag = {},\n"
      "    .gzip_etag = {},\n"
      "    .brotli_etag = {},\n"
      "    .fingerprinted = {}}};\n",
      file.identifier, literal_of(file.path), literal_of(file.type), view(symbol, 0, file.content.size()),
      view(symbol, file.content.size(), file.gzip.size()),
      view(symbol, file.content.size() + file.gzip.size(), file.brotli.size()), tag(file, ""),
      file.gzip.empty() ? "{}" : tag(file, "-gzip"), file.brotli.empty() ? "{}" : tag(file, "-br"),
      literal_of(file.url));
}

std::string scope_of(const crunched_folder& folder, const crunched_file& file) {
  std::string scope = folder.name;
  for (const std::string& part : file.scopes) scope += "::" + part;
  return scope;
}

std::string header_of(const crunched_folder& folder) {
  const std::string& name = folder.name;
  std::string text =
      "// Written by 'aster crunch'; what is changed here is lost.\n"
      "#pragma once\n"
      "#include \"aster/crunch.hpp\"\n\n"
      "extern \"C\" {\n";
  for (std::size_t i = 0; i < folder.files.size(); ++i) {
    const std::size_t size = size_of(folder.files[i]);
    if (size > 0) text += std::format("extern const char {}[{}];\n", symbol_of(folder, i), size);
  }
  text += "}\n";
  std::string open;
  for (std::size_t i = 0; i < folder.files.size(); ++i) {
    const std::string scope = scope_of(folder, folder.files[i]);
    if (scope != open) {
      if (!open.empty()) text += std::format("}}  // namespace {}\n", open);
      text += std::format("\nnamespace {} {{\n", scope);
      open = scope;
    }
    text += constant(folder, i);
  }
  text += std::format("}}  // namespace {}\n\nnamespace aster_crunch_{} {{\n", open, name);
  text += "inline constexpr ::aster::crunch::entry entries[] = {\n";
  for (const table_entry& entry : table_of(folder)) {
    text += std::format("    {{{}, &::{}, {}}},\n", literal_of(entry.path), folder.full_name(*entry.file),
                        entry.is_immutable);
  }
  text += "};\ninline constexpr const ::aster::crunch::file* files[] = {\n";
  for (const crunched_file& file : folder.files) text += std::format("    &::{},\n", folder.full_name(file));
  return text + std::format(
                    "}};\n}}  // namespace aster_crunch_{0}\n\n"
                    "namespace {0} {{\n"
                    "/// The folder as a whole.\n"
                    "inline constexpr ::aster::crunch::folder all{{{1}, ::aster_crunch_{0}::entries, "
                    "::aster_crunch_{0}::files}};\n"
                    "}}  // namespace {0}\n",
                    name, literal_of(name));
}

/// Each file has a section of its own, so that the linker can leave it out.
std::string source_of(const crunched_folder& folder, std::string_view bytes) {
  std::string text = std::format(
      "// Written by 'aster crunch'; what is changed here is lost.\n"
      "// {}.bin, whose SHA-256 is {}, lies beside this file.\n",
      folder.name, hex(digest_of(bytes)));
  std::size_t offset = 0;
  for (std::size_t i = 0; i < folder.files.size(); ++i) {
    const std::size_t size = size_of(folder.files[i]);
    if (size == 0) continue;
    text += std::format(
        "\nasm(R\"(\n"
        "  .pushsection .rodata.{0},\"a\",@progbits\n"
        "  .globl {0}\n"
        "  .hidden {0}\n"
        "  .type {0}, @object\n"
        "  .size {0}, {1}\n"
        "{0}:\n"
        "  .incbin \"{2}.bin\", {3}, {1}\n"
        "  .popsection\n"
        ")\");\n",
        symbol_of(folder, i), size, folder.name, offset);
    offset += size;
  }
  return text;
}

}  // namespace

generated_code generate(const crunched_folder& folder) {
  generated_code code;
  for (const crunched_file& file : folder.files) code.bytes += file.content + file.gzip + file.brotli;
  code.header = header_of(folder);
  code.source = source_of(folder, code.bytes);
  return code;
}

std::string depfile(const std::filesystem::path& target, std::span<const std::filesystem::path> sources) {
  const auto escaped = [](const std::filesystem::path& path) {
    std::string text;
    for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
      if (c == ' ' || c == '#' || c == '\\') text += '\\';
      if (c == '$') text += '$';
      text += c;
    }
    return text;
  };
  std::string text = escaped(target) + ":";
  for (const auto& source : sources) text += " \\\n  " + escaped(source);
  return text + "\n";
}

}  // namespace aster::host::crunch
