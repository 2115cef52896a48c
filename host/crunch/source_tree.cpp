#include "host/crunch/source_tree.hpp"

#include <string.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <format>
#include <memory>

#include "aster/crunch/file_name.hpp"

namespace aster::host::crunch {
namespace {

namespace fs = std::filesystem;
using failure = std::unexpected<std::string>;

std::string printable(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte >= 0x20 && byte < 0x7f ? std::string{c} : std::format("\\x{:02x}", byte);
  }
  return text;
}

bool has_control_characters(std::string_view name) {
  return std::ranges::any_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_inside(const fs::path& path, const fs::path& directory) {
  const auto [at, _] = std::ranges::mismatch(directory, path);
  return at == directory.end();
}

class reader {
 public:
  reader(fs::path root, bool with_hidden) : root_(std::move(root)), with_hidden_(with_hidden) {}

  std::expected<source_tree, std::string> read() {
    std::error_code error;
    real_root_ = fs::canonical(root_, error);
    if (error) return failure(cannot_read(root_, error.message()));
    if (!fs::is_directory(real_root_)) {
      return failure(
          std::format("{} is not a directory; give the one that holds the files, or single files with -f",
                      root_.string()));
    }
    if (const auto good = read_directory(root_, real_root_, ""); !good) return failure(good.error());
    if (tree_.files.empty()) {
      return failure(std::format("{} has no file to crunch; put one into it{}", root_.string(),
                                 with_hidden_ ? "" : " (hidden files count with --hidden)"));
    }
    std::ranges::sort(tree_.files, {}, &source_file::path);
    return std::move(tree_);
  }

 private:
  static std::string cannot_read(const fs::path& path, std::string_view why) {
    return std::format("{} cannot be read: {}; check its name and its permissions", printable(path.string()),
                       why);
  }

  /// `place` is how it is reached, `real` where it lies; `path` is that below the tree.
  std::expected<void, std::string> read_directory(const fs::path& place, const fs::path& real,
                                                  const std::string& path) {
    if (std::ranges::contains(open_, real)) {
      return failure(std::format("{} leads back to {}, which it lies in; remove the link",
                                 printable(place.string()), printable(real.string())));
    }
    open_.push_back(real);
    tree_.directories.push_back(place);
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at{place, error}, end; !error && at != end; at.increment(error)) {
      names.push_back(at->path().filename().string());
    }
    if (error) return failure(cannot_read(place, error.message()));
    std::ranges::sort(names);
    for (const std::string& name : names) {
      if (!with_hidden_ && aster::crunch::is_left_out(name)) continue;
      if (const auto good = read_entry(place / name, path + "/" + name, name); !good) return good;
    }
    open_.pop_back();
    return {};
  }

  std::expected<void, std::string> read_entry(const fs::path& place, const std::string& path,
                                              const std::string& name) {
    const auto refuse = [&](std::string_view why) {
      return failure(std::format("{} {}", printable(place.string()), why));
    };
    if (!is_utf8(name)) return refuse("has a name that is not UTF-8, which no URL can hold; rename it");
    if (has_control_characters(name)) return refuse("has control characters in its name; rename it");
    std::error_code error;
    const fs::path real = fs::canonical(place, error);
    if (error)
      return failure(cannot_read(place, fs::is_symlink(place) ? "the link leads nowhere" : error.message()));
    if (!is_inside(real, real_root_)) {
      return refuse(std::format("is a link that leads out of the directory, to {}; put a copy in its place",
                                printable(real.string())));
    }
    const fs::file_status status = fs::status(real, error);
    if (error) return failure(cannot_read(place, error.message()));
    if (fs::is_directory(status)) return read_directory(place, real, path);
    if (!fs::is_regular_file(status)) return refuse("is neither a file nor a directory; remove it");
    if (tree_.files.size() == file_limit) {
      return failure(std::format("{} has more than {} files, too many for one folder; divide it",
                                 printable(root_.string()), file_limit));
    }
    bytes_ += fs::file_size(real, error);
    if (error) return failure(cannot_read(place, error.message()));
    if (bytes_ > byte_limit) {
      return failure(std::format("{} holds more than 1 GiB, too much for an image; leave something out",
                                 printable(root_.string())));
    }
    auto content = read_file(place);
    if (!content) return failure(content.error());
    tree_.files.push_back({path, place, std::move(*content)});
    return {};
  }

  fs::path root_, real_root_;
  bool with_hidden_;
  std::uint64_t bytes_ = 0;
  std::vector<fs::path> open_;  // directories from the root to where we are
  source_tree tree_;
};

}  // namespace

std::expected<source_tree, std::string> read_source_tree(const fs::path& directory, bool with_hidden) {
  return reader{directory, with_hidden}.read();
}

std::expected<std::string, std::string> read_file(const fs::path& path) {
  const auto refuse = [&](int cause) {
    return failure(std::format("{} cannot be read: {}; check its name and its permissions",
                               printable(path.string()), ::strerror(cause)));
  };
  const std::unique_ptr<std::FILE, decltype([](std::FILE* f) { std::fclose(f); })> file{
      std::fopen(path.c_str(), "rbe")};
  if (file == nullptr) return refuse(errno);
  std::string content;
  std::size_t filled = 0;
  do {
    content.resize(filled + 65'536);
    filled += std::fread(content.data() + filled, 1, content.size() - filled, file.get());
  } while (filled == content.size());
  if (std::ferror(file.get())) return refuse(errno);
  content.resize(filled);
  return content;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80                     ? 1
                               : first >= 0xc2 && first < 0xe0  ? 2
                               : first >= 0xe0 && first < 0xf0  ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    if (length == 0 || length > text.size() - at) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
    }
    // Neither longer than need be, nor a surrogate, nor beyond U+10FFFF.
    const auto second = length > 2 ? static_cast<unsigned char>(text[at + 1]) : 0;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90)) {
      return false;
    }
    at += length;
  }
  return true;
}

}  // namespace aster::host::crunch
