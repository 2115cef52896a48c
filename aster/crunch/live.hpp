// Development: a folder that was crunched answers from disk, so that an edit is seen without a build.
//
//   aster run --live site -p 8080:80 build/shop
//
// starts the image as a plain process, the one target that can see files, with ASTER_LIVE in its environment;
// then `folder::find` reads below that directory instead of from the image. A server lets pages reload
// themselves by `live_version`:
//
//   if (crunch::live() != nullptr) …             // offer /.aster/live: an event each time the version is
//   another
//
// The contract:
//   - ASTER_LIVE=DIR serves every folder of the program from DIR; ASTER_LIVE_name=DIR, where it is set, the
//   folder of
//     that name. Both are looked at only on the target `process`, once.
//   - What the directory holds now is the truth: a file that is new since the build is found, one that was
//   deleted is
//     not. A file that the build knew keeps its media type and URL, and its old URL finds the new content;
//     nothing is immutable, nothing compressed, and entity tags are made of the content.
//   - No path leads out of the directory: not by "..", not by a link, and hidden files are not found
//   (file_name.hpp).
//   - Only `find` is live: `assets::style_css.content` stays what was built.
//   - Every version that was sent stays in memory until the program ends, as it may still be on its way.
//
// The code for it is linked by asterism_crunch(TARGET DIR), and left out with NO_LIVE; without it `live()` is
// null.
#pragma once
#include <cstdint>
#include <string_view>

namespace aster::crunch {

class folder;
struct found;

class live_source {
 public:
  /// `folder::find`, from disk. Reads the whole file when it has changed since it was last asked for.
  virtual found find(const folder& asked, std::string_view path) = 0;

  /// See `live_version`.
  virtual std::uint64_t version() = 0;

 protected:
  ~live_source() = default;
};

}  // namespace aster::crunch

/// In live.cpp, where that is linked. Null outside of development.
extern "C" [[gnu::weak]] aster::crunch::live_source* aster_crunch_live() noexcept;

namespace aster::crunch {

/// Null but in development.
inline live_source* live() noexcept { return aster_crunch_live ? aster_crunch_live() : nullptr; }

/// A number that has risen since the last call when anything in the directories that are served has changed:
/// looks at the times and sizes of all of it, which takes a system call a file. Always 0 where nothing is
/// served from disk.
inline std::uint64_t live_version() {
  live_source* const source = live();
  return source == nullptr ? 0 : source->version();
}

}  // namespace aster::crunch
