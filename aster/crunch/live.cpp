#include "aster/crunch/live.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "abi/platform.hpp"
#include "aster/crunch/file_name.hpp"
#include "aster/crunch/folder.hpp"
#include "aster/crunch/media_type.hpp"

namespace aster::crunch {
namespace {

constexpr std::string_view variable = "ASTER_LIVE";

/// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv. Tells contents apart that one person edits; nobody
/// attacks here.
class checksum {
 public:
  void add(const void* data, std::size_t size) {
    for (const auto* at = static_cast<const unsigned char*>(data); size > 0; --size, ++at) {
      state_ = (state_ ^ *at) * 0x100000001b3;
    }
  }
  void add(const struct stat& s) {
    const std::uint64_t facts[] = {s.st_dev,
                                   s.st_ino,
                                   static_cast<std::uint64_t>(s.st_size),
                                   static_cast<std::uint64_t>(s.st_mtim.tv_sec),
                                   static_cast<std::uint64_t>(s.st_mtim.tv_nsec),
                                   static_cast<std::uint64_t>(s.st_ctim.tv_sec),
                                   static_cast<std::uint64_t>(s.st_ctim.tv_nsec)};
    add(facts, sizeof facts);
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

class descriptor {
 public:
  explicit descriptor(int value) : value_(value) {}
  descriptor(const descriptor&) = delete;
  ~descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }

 private:
  int value_;
};

/// Where what is open lies, without links; empty when that cannot be told.
std::string place_of(const descriptor& open) {
  std::string link = "/proc/self/fd/";
  for (int scale = 1'000'000'000; scale > 0; scale /= 10) {
    if (open.get() >= scale || scale == 1) link += static_cast<char>('0' + open.get() / scale % 10);
  }
  char path[PATH_MAX];
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size <= 0 || size == sizeof path ? std::string{} : std::string{path, static_cast<std::size_t>(size)};
}

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

/// What a file was when it was read last.
struct version {
  crunch::file file;
  std::string path, content, etag;
  std::uint64_t seen;  // checksum of what stat says
};

/// A directory that a folder is served from.
class directory {
 public:
  directory(std::string path, std::string_view folder_name)
      : path_(std::move(path)), folder_name_(folder_name) {}

  const std::string& folder_name() const { return folder_name_; }

  /// The file at `asked`, which is servable; `built` is what the image knows of it, or null.
  const file* read(std::string_view asked, const file* built) {
    const descriptor directory{::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const descriptor opened{
        ::open((path_ + std::string{asked}).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat facts;
    if (directory.get() < 0 || opened.get() < 0 || ::fstat(opened.get(), &facts) != 0 ||
        !S_ISREG(facts.st_mode)) {
      return nullptr;
    }
    // What counts is where the file lies that was opened, whatever links led there; and a link to a hidden
    // file is as hidden as that.
    const std::string root = place_of(directory), place = place_of(opened);
    if (root.empty() || !is_below(place, root)) return nullptr;
    if (!is_servable(std::string_view{place}.substr(root == "/" ? 0 : root.size()))) return nullptr;
    checksum seen;
    seen.add(facts);
    for (const auto& known : versions_) {
      if (known->path == asked && known->seen == seen.value()) return &known->file;
    }
    std::string content;
    if (!read_all(opened.get(), static_cast<std::size_t>(facts.st_size), content)) return nullptr;
    return &keep(asked, built, std::move(content), seen.value());
  }

  /// A number that is another one when anything below has changed.
  std::uint64_t look() const { return look_below(path_); }

 private:
  static bool read_all(int from, std::size_t expected, std::string& content) {
    content.resize(expected + 1);  // one more, so that the end is seen without another round
    std::size_t filled = 0;
    for (;;) {
      if (filled == content.size()) content.resize(2 * filled);  // it grows while we read
      const ssize_t n = ::read(from, content.data() + filled, content.size() - filled);
      if (n < 0) return false;
      if (n == 0) break;
      filled += static_cast<std::size_t>(n);
    }
    content.resize(filled);
    return true;
  }

  const file& keep(std::string_view asked, const file* built, std::string content, std::uint64_t seen) {
    // The newest stands first; older ones stay for those who send them still.
    auto made = std::make_unique<version>();
    made->path = asked;
    made->content = std::move(content);
    made->seen = seen;
    checksum sum;
    sum.add(made->content.data(), made->content.size());
    made->etag = "\"live-";
    for (int shift = 60; shift >= 0; shift -= 4) made->etag += "0123456789abcdef"[sum.value() >> shift & 15];
    made->etag += '"';
    made->file = {.path = made->path,
                  .type = built != nullptr ? built->type : media_type_of(asked).type,
                  .content = made->content,
                  .gzip = {},
                  .brotli = {},
                  .etag = made->etag,
                  .gzip_etag = {},
                  .brotli_etag = {},
                  .fingerprinted = built != nullptr ? built->fingerprinted : std::string_view{made->path}};
    return (*versions_.insert(versions_.begin(), std::move(made)))->file;
  }

  /// A sum, since the order in which a directory lists its entries is nobody's promise. What a link to a
  /// directory leads to is looked at where it lies.
  static std::uint64_t look_below(const std::string& path) {
    DIR* const opened = ::opendir(path.c_str());
    if (opened == nullptr) return 0;
    std::uint64_t sum = 0;
    while (const dirent* const entry = ::readdir(opened)) {
      struct stat facts;
      if (is_left_out(entry->d_name) || ::fstatat(::dirfd(opened), entry->d_name, &facts, 0) != 0) continue;
      checksum one;
      const std::string below = path + "/" + entry->d_name;
      one.add(below.data(), below.size());
      one.add(facts);
      sum += one.value();
      if (::fstatat(::dirfd(opened), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISDIR(facts.st_mode)) {
        sum += look_below(below);
      }
    }
    ::closedir(opened);
    return sum;
  }

  std::string path_, folder_name_;
  std::vector<std::unique_ptr<version>> versions_;
};

/// The directories that the environment names.
class disk final : public live_source {
 public:
  disk() {
    for (char* const* variables = ::environ; *variables != nullptr; ++variables) {
      std::string_view text{*variables};
      if (!text.starts_with(variable)) continue;
      text.remove_prefix(variable.size());
      const std::size_t equals = text.find('=');
      if (equals == 0) {
        for_all_ = std::make_unique<directory>(std::string{text.substr(1)}, "");
      } else if (equals != text.npos && text.front() == '_') {
        named_.push_back(
            std::make_unique<directory>(std::string{text.substr(equals + 1)}, text.substr(1, equals - 1)));
      }
    }
    // Nobody shall have to find this out. (By this text, too, `aster run --live` knows that the code is
    // there.)
    constexpr std::string_view warning = "ASTER_LIVE: files are served from disk, not from the image";
    if (is_asked_for()) abi::current_platform().note(warning.data(), warning.size());
  }

  bool is_asked_for() const { return for_all_ != nullptr || !named_.empty(); }

  found find(const folder& asked, std::string_view path) override {
    directory* const from = directory_of(asked);
    const found built = asked.find_built(path);
    if (from == nullptr) return built;
    std::string on_disk{built ? built->path : path};
    if (on_disk.ends_with('/')) on_disk += "index.html";
    if (!is_servable(on_disk)) return {};
    return {from->read(on_disk, asked.find_built(on_disk).file), false};
  }

  std::uint64_t version() override {
    std::uint64_t seen = for_all_ != nullptr ? for_all_->look() : 0;
    for (const auto& each : named_) seen += each->look();
    if (version_ == 0 || seen != last_seen_) ++version_;
    last_seen_ = seen;
    return version_;
  }

 private:
  /// Null: this folder is served from the image.
  directory* directory_of(const folder& asked) const {
    for (const auto& each : named_) {
      if (each->folder_name() == asked.name()) return each.get();
    }
    return for_all_.get();
  }

  std::unique_ptr<directory> for_all_;
  std::vector<std::unique_ptr<directory>> named_;
  std::uint64_t last_seen_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace
}  // namespace aster::crunch

extern "C" aster::crunch::live_source* aster_crunch_live() noexcept {
  if (aster::abi::current_platform().target != aster::abi::target::process) return nullptr;
  static aster::crunch::disk& source = *new aster::crunch::disk;  // for as long as the program
  return source.is_asked_for() ? &source : nullptr;
}
