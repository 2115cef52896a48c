// Responses made while the program runs, coded for the client (RFC 9110 §8.4).
//
//   web::app app{web::wrap(web::compress{}), …};
//
// Text that a handler made is coded with brotli or gzip when the client accepts one of them and it is worth
// it. Left as they are: what is short, what lies in the image (web::borrow, web::files: coded when it was
// built), what has a coding already, types that are compressed as they are, answers to a Range, what says
// `no-transform`. A strong ETag becomes a weak one, for the bytes are others (§8.8.1). Such responses say
// `Vary: Accept-Encoding`, coded or not.
//
// Pages that hold a secret and words of a stranger: see aster/http/compress.hpp on BREACH.
//
// In a library of its own, aster_web_compress, which brings zlib and brotli.
#pragma once
#include <cstddef>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

struct compress {
  /// Shorter bodies stay as they are.
  std::size_t least = 1024;
  /// Streams too. Each write of the handler's is sent at once all the same, which costs some bytes each, and
  /// a stream holds the coder's memory for its whole life.
  bool streams = false;

  response operator()(const request& req, next behind) const;
};

}  // namespace aster::web
