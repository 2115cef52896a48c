// Changes that must not overwrite what somebody else has changed meanwhile (RFC 9110 §13.1.1): the client
// sends the entity tag of what it has seen, and a handler asks before it acts.
//
//   web::put(note, [](const web::request& req, notes& all, int id, edited e) {
//     web::require_preconditions(req, {.etag = all[id].etag});       // 412 when another version is there
//     …
//   })
//
// What is only read needs no question: responses with an ETag are held against the conditions when they are
// sent.
#pragma once
#include "aster/http/conditional.hpp"
#include "aster/web/request.hpp"

namespace aster::web {

enum class without_condition : bool { goes_on, is_refused };

/// Returns when the request's conditions hold for `current`. Throws http::failure, which answers the client:
/// 412 when they do not, and 428 (RFC 6585 §3) when it states none and that `is_refused`.
void require_preconditions(const request& req, const http::validators& current,
                           without_condition = without_condition::goes_on);

}  // namespace aster::web
