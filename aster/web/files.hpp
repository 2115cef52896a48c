// All files of a crunched folder, by one handler.
//
//   #include "assets.hpp"                             // asterism_crunch(TARGET DIR)
//
//   web::app app{…, web::files(assets::all)};         // at /{path...}: behind all other routes
//   web::app app{…, web::mount<"/static">(web::files(assets::all))};
//
// Each is sent by reference from where it lies in the image, in the coding that the client likes best of
// those that were made when the image was built, with its ETag; conditions and ranges are obeyed. A directory
// is its index.html. A URL with the content's fingerprint in it may be kept for ever (RFC 8246); every other
// is asked for again with If-None-Match, which costs a 304.
#pragma once
#include <string_view>

#include "aster/crunch/folder.hpp"
#include "aster/web/items.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/web/route.hpp"

namespace aster::web {

/// The handler alone, for a route with a `{rest...}`: `web::get(docs, web::file_server{assets::all})`. Throws
/// http::failure (404) for what is not there.
class file_server {
 public:
  /// `folder` must outlive the application, as the generated ones do.
  explicit file_server(const crunch::folder& folder) : folder_(&folder) {}

  /// `path`: below the folder, decoded, without a '/' in front.
  response operator()(const request& req, std::string_view path) const;

 private:
  const crunch::folder* folder_;
};

/// One file, for a route of its own.
response send_file(const request& req, const crunch::file& file, bool is_immutable = false);

namespace detail {
inline constexpr route<"/{path...}", std::string_view> all_files;
}

inline auto files(const crunch::folder& folder) { return get(detail::all_files, file_server{folder}); }

}  // namespace aster::web
