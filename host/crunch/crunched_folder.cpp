#include "host/crunch/crunched_folder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <format>
#include <future>
#include <map>
#include <thread>

#include "aster/crunch/folder.hpp"
#include "aster/crunch/media_type.hpp"
#include "host/crunch/coding.hpp"
#include "host/crunch/digest.hpp"
#include "host/crunch/identifier.hpp"

namespace aster::host::crunch {
namespace {

using failure = std::unexpected<std::string>;

std::string fingerprinted(std::string_view path, std::string_view sha256) {
  const std::size_t name = path.rfind('/') + 1;
  std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot <= name) dot = path.size();
  return std::format("{}.{}{}", path.substr(0, dot), sha256.substr(0, 8), path.substr(dot));
}

/// All but unreserved characters encoded (RFC 3986 §2.3), so that it needs no escape in HTML or CSS either.
std::string percent_encoded(std::string_view path) {
  std::string text;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view{"-._~/"}.contains(c);
    text += is_plain ? std::string{c} : std::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

void add_codings(crunched_file& file) {
  const auto type = aster::crunch::media_type_of(file.path);
  file.type = type.type;
  if (type.is_compressed) return;
  const bool is_text =
      file.type.contains("charset=utf-8") || file.type.ends_with("json") || file.type.ends_with("xml");
  if (std::string coded = gzip(file.content); is_worth_it(file.content.size(), coded.size())) {
    file.gzip = std::move(coded);
  }
  std::string coded = brotli(file.content, is_text);
  if (is_worth_it(file.content.size(), coded.size()) &&
      (file.gzip.empty() || coded.size() < file.gzip.size())) {
    file.brotli = std::move(coded);
  }
}

/// Brotli at its best takes seconds for some megabytes: every processor takes the next file.
void add_codings(std::vector<crunched_file>& files) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < files.size();) add_codings(files[i]);
  };
  std::vector<std::future<void>> helpers;
  const std::size_t wanted = std::min<std::size_t>(std::thread::hardware_concurrency(), files.size() / 4);
  while (helpers.size() + 1 < wanted) helpers.push_back(std::async(std::launch::async, work));
  work();
  for (auto& helper : helpers) helper.get();
}

/// Gives each file its name; the error names the two that would have the same.
std::expected<void, std::string> add_names(std::vector<crunched_file>& files) {
  std::map<std::string, std::string>
      meant;  // what a name in C++ stands for: a path, of a directory with '/' behind
  for (crunched_file& file : files) {
    std::string scope;
    for (std::size_t begin = 1; begin < file.path.size();) {
      const std::size_t end = std::min(file.path.find('/', begin), file.path.size());
      const bool is_directory = end < file.path.size();
      std::string name = identifier_of(std::string_view{file.path}.substr(begin, end - begin));
      if (scope.empty() && name == "all") name = "all_";  // the folder itself is called that
      const std::string path = file.path.substr(0, end) + (is_directory ? "/" : "");
      const std::string full = scope + name;
      if (const auto [known, is_new] = meant.emplace(full, path); !is_new && known->second != path) {
        return failure(std::format("{} and {} would both be called {} in C++; rename one of them",
                                   known->second, path, full));
      }
      scope = full + "::";
      if (is_directory) {
        file.scopes.push_back(name);
      } else {
        file.identifier = name;
      }
      begin = end + 1;
    }
  }
  return {};
}

}  // namespace

std::string crunched_folder::full_name(const crunched_file& file) const {
  std::string text = name;
  for (const std::string& scope : file.scopes) text += "::" + scope;
  return text + "::" + file.identifier;
}

std::vector<table_entry> table_of(const crunched_folder& folder) {
  constexpr std::string_view index = "/index.html";
  std::vector<table_entry> table;
  for (const crunched_file& file : folder.files) {
    table.push_back({file.path, &file, false});
    table.push_back({file.fingerprinted, &file, true});
    if (file.path.ends_with(index)) {
      table.push_back({file.path.substr(0, file.path.size() - index.size() + 1), &file, false});
    }
  }
  std::ranges::sort(table, aster::crunch::precedes, &table_entry::path);
  return table;
}

std::expected<crunched_folder, std::string> crunch_tree(source_tree tree, std::string_view name) {
  if (!is_identifier(name) || name == "std" || name == "aster") {
    return failure(std::format(
        "'{}' cannot be the name of a namespace; use letters, digits and _, as in --name assets", name));
  }
  crunched_folder folder{std::string{name}, {}};
  for (source_file& source : tree.files) {
    crunched_file file{};
    file.sha256 = hex(digest_of(source.content));
    file.fingerprinted = fingerprinted(source.path, file.sha256);
    file.url = percent_encoded(file.fingerprinted);
    file.path = std::move(source.path);
    file.content = std::move(source.content);
    folder.files.push_back(std::move(file));
  }
  if (const auto good = add_names(folder.files); !good) return failure(good.error());
  const auto table = table_of(folder);
  if (const auto twice = std::ranges::adjacent_find(table, {}, &table_entry::path); twice != table.end()) {
    return failure(std::format("{} is a file, and also the fingerprinted URL of {}; rename the first",
                               twice->path, (twice->is_immutable ? twice : twice + 1)->file->path));
  }
  add_codings(folder.files);
  return folder;
}

}  // namespace aster::host::crunch
