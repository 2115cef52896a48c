#include "aster/web/files.hpp"

#include <string>

#include "aster/http/accept.hpp"
#include "aster/http/failure.hpp"

namespace aster::web {

response send_file(const request& req, const crunch::file& file, bool is_immutable) {
  const http::codings made{.gzip = !file.gzip.empty(), .brotli = !file.brotli.empty()};
  const http::content_coding coding =
      made.gzip || made.brotli ? http::choose_coding(req.headers(), made) : http::content_coding::identity;
  std::string_view content, etag;
  switch (coding) {
    case http::content_coding::identity:
      content = file.content;
      etag = file.etag;
      break;
    case http::content_coding::gzip:
      content = file.gzip;
      etag = file.gzip_etag;
      break;
    case http::content_coding::brotli:
      content = file.brotli;
      etag = file.brotli_etag;
      break;
  }
  response result = borrow(file.type, content);
  result.header("ETag", etag)
      .header("Cache-Control", is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (made.gzip || made.brotli) result.header("Vary", "Accept-Encoding");
  if (coding != http::content_coding::identity) result.header("Content-Encoding", to_string(coding));
  result.header("Accept-Ranges", "bytes");
  return result;
}

response file_server::operator()(const request& req, std::string_view path) const {
  std::string full{"/"};
  full.append(path);
  if (const auto found = folder_->find(full)) return send_file(req, *found, found.is_immutable);
  // A directory without its '/': relative references in its page would lead elsewhere.
  if (!full.ends_with('/') && !req.path().starts_with("//") && folder_->find(full += '/')) {
    std::string target{req.path()};
    target += '/';
    if (!req.query().empty()) target.append("?").append(req.query());
    return redirect_to_text(http::status::permanent_redirect, target);
  }
  throw http::failure{http::status::not_found};
}

}  // namespace aster::web
