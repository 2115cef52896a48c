// aster crunch
#include <cstdio>
#include <filesystem>
#include <format>
#include <nlohmann/json.hpp>
#include <print>
#include <set>

#include "host/cli/perform.hpp"
#include "host/crunch/crunched_folder.hpp"
#include "host/crunch/declaration.hpp"
#include "host/crunch/digest.hpp"
#include "host/crunch/generated_code.hpp"
#include "host/crunch/identifier.hpp"
#include "host/crunch/source_tree.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using failure = std::unexpected<std::string>;

std::expected<void, std::string> write(const fs::path& path, std::string_view content) {
  const auto refuse = [&] {
    return failure(std::format("{} cannot be written: {}; check the directory and its permissions",
                               path.string(), std::generic_category().message(errno)));
  };
  std::FILE* const file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) return refuse();
  const bool is_written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (std::fclose(file) != 0 || !is_written) return refuse();
  return {};
}

json size_or_null(const std::string& coded) { return coded.empty() ? json{} : json(coded.size()); }

/// Of DIR.
std::expected<void, std::string> crunch_folder(const crunch_command& c) {
  auto tree = crunch::read_source_tree(*c.folder, c.hidden);
  if (!tree) return failure(tree.error());
  std::vector<fs::path> sources = tree->directories;
  for (const auto& file : tree->files) sources.push_back(file.place);
  const auto folder = crunch::crunch_tree(std::move(*tree), c.name);
  if (!folder) return failure(folder.error());

  const fs::path output = c.output.empty() ? "." : c.output;
  std::error_code error;
  fs::create_directories(output, error);
  if (error) {
    return failure(std::format("{} cannot be made: {}; name another directory with -o", output.string(),
                               error.message()));
  }
  const auto code = crunch::generate(*folder);
  const fs::path header = output / (c.name + ".hpp");
  for (const auto& [path, content] : {std::pair{output / (c.name + ".bin"), std::string_view{code.bytes}},
                                      {output / (c.name + ".cpp"), code.source},
                                      {header, code.header}}) {
    if (const auto written = write(path, content); !written) return written;
  }
  if (!c.depfile.empty()) {
    if (const auto written = write(c.depfile, crunch::depfile(header, sources)); !written) return written;
  }

  if (c.json) {
    auto files = json::array();
    for (const auto& file : folder->files) {
      files.push_back({{"path", file.path},
                       {"name", folder->full_name(file)},
                       {"type", file.type},
                       {"url", file.url},
                       {"sha256", file.sha256},
                       {"size", file.content.size()},
                       {"gzip", size_or_null(file.gzip)},
                       {"brotli", size_or_null(file.brotli)}});
    }
    const json all{{"header", header.string()}, {"bytes", code.bytes.size()}, {"files", files}};
    std::println("{}", all.dump(2));
    return {};
  }
  if (c.quiet) return {};
  std::size_t width = 4;
  for (const auto& file : folder->files) width = std::max(width, folder->full_name(file).size());
  std::println("{:<{}}  {:>8}  {:>8}  {:>8}", "file", width, "size", "gzip", "brotli");
  const auto amount = [](const std::string& coded) {
    return coded.empty() ? "-" : to_bytes_text(coded.size());
  };
  for (const auto& file : folder->files) {
    std::println("{:<{}}  {:>8}  {:>8}  {:>8}", folder->full_name(file), width,
                 to_bytes_text(file.content.size()), amount(file.gzip), amount(file.brotli));
  }
  std::println("{} in {}", to_bytes_text(code.bytes.size()), header.string());
  return {};
}

struct named_file {
  std::string name;
  fs::path path;
  std::string content;
};

/// Of "[NAME:]FILE" or "-:FILE".
std::expected<named_file, std::string> read_named(std::string_view word) {
  const std::size_t colon = word.find(':');
  std::string_view name = colon == word.npos ? "-" : word.substr(0, colon);
  named_file file{{}, word.substr(colon + 1), {}};  // npos + 1 is 0
  if (name == "-") {
    const std::string last = file.path.filename().string();
    if (last.empty())
      return failure(std::format("-f {}: names no file; write -f FILE or -f NAME:FILE", word));
    file.name = crunch::identifier_of(last);
  } else if (crunch::is_identifier(name)) {
    file.name = name;
  } else {
    return failure(
        std::format("-f {0}: '{1}' is no name in C++; give another, or -f -:{0} when it belongs to the file",
                    word, name));
  }
  auto content = crunch::read_file(file.path);
  if (!content) return failure(content.error());
  file.content = std::move(*content);
  return file;
}

/// Writes to the file, or to standard output for "-" and nothing.
std::expected<void, std::string> put(const std::string& output, std::string_view content, bool force) {
  if (output.empty() || output == "-") {
    std::fwrite(content.data(), 1, content.size(), stdout);
    return {};
  }
  if (!force && fs::exists(output)) {
    return failure(
        std::format("{} is there already; choose another name, or add --force to overwrite it", output));
  }
  return write(output, content);
}

/// Of -f.
std::expected<void, std::string> crunch_files(const crunch_command& c) {
  std::vector<named_file> files;
  std::set<std::string> names;
  for (const std::string& word : c.files) {
    auto file = read_named(word);
    if (!file) return failure(file.error());
    if (!names.insert(file->name).second) {
      return failure(std::format("-f {}: there is a {} already; give it another name, as in -f NAME:{}", word,
                                 file->name, file->path.string()));
    }
    files.push_back(std::move(*file));
  }

  const crunch::declaration_form form{.kind = c.string ? crunch::container::string
                                              : c.list ? crunch::container::list
                                                       : crunch::container::array,
                                      .columns = c.columns,
                                      .is_uppercase = c.uppercase,
                                      .has_comments = c.comments};
  std::string text = crunch::declaration_preamble();
  for (const named_file& file : files) text += "\n" + crunch::declare(file.name, file.content, form);
  if (const auto done = put(c.output, text, c.force); !done) return done;

  for (const std::string& word : c.checksums) {
    const std::size_t colon = word.find(':');
    const auto which =
        colon == word.npos ? crunch::digest::sha256 : crunch::parse_digest(word.substr(0, colon));
    if (!which) {
      return failure(std::format(
          "--checksums {}: '{}' is no digest; choose one of md5, sha1, sha224, sha256, sha384, sha512", word,
          word.substr(0, colon)));
    }
    std::string sums = crunch::declaration_preamble();
    for (const named_file& file : files) {
      sums += "\n" + crunch::declare(file.name, crunch::digest_of(file.content, *which), form);
    }
    if (const auto done = put(word.substr(colon + 1), sums, c.force); !done) return done;
  }

  if (c.json) {
    auto list = json::array();
    for (const named_file& file : files) {
      list.push_back({{"path", file.path.string()}, {"name", file.name}, {"size", file.content.size()}});
    }
    std::println("{}", json{{"header", c.output}, {"files", list}}.dump(2));
  }
  return {};
}

/// What is wrong with the words, before anything is read.
std::expected<void, std::string> check(const crunch_command& c) {
  if (c.folder && !c.files.empty()) return failure("takes either a directory or files with -f, not both");
  if (!c.folder && c.files.empty())
    return failure("DIR is missing; write aster crunch DIR, or aster crunch -f FILE");
  if (c.folder) {
    const std::pair<bool, std::string_view> raw[] = {
        {c.array, "-a"},      {c.list, "-l"},
        {c.string, "-s"},     {c.columns != 16, "-c"},
        {c.uppercase, "-u"},  {c.comments, "--with-comments"},
        {c.force, "--force"}, {!c.checksums.empty(), "--checksums"}};
    for (const auto& [is_given, option] : raw) {
      if (is_given) return failure(std::format("{} goes with -f; leave it out for a directory", option));
    }
    return {};
  }
  if (c.array + c.list + c.string > 1) return failure("-a, -l and -s exclude each other; choose one");
  if (c.columns < 1 || c.columns > 256)
    return failure(std::format("-c {}: a line has 1 to 256 bytes", c.columns));
  if (c.hidden || !c.depfile.empty()) {
    return failure(
        std::format("{} goes with a directory; leave it out with -f", c.hidden ? "--hidden" : "--depfile"));
  }
  if (c.json && (c.output.empty() || c.output == "-"))
    return failure("--json with -f needs -o FILE, as both are printed");
  return {};
}

}  // namespace

int perform(const crunch_command& c) {
  if (const auto good = check(c); !good) return complain("crunch: " + good.error(), 2);
  const auto done = c.folder ? crunch_folder(c) : crunch_files(c);
  return done ? 0 : complain("crunch: " + done.error());
}

}  // namespace aster::host::cli
