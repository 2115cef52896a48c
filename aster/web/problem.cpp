#include "aster/web/problem.hpp"

#include <utility>

#include "aster/json/write.hpp"

namespace aster::web {
namespace {

/// The members in the order in which they are written.
struct document {
  std::string_view title;
  int status;
  std::optional<std::string> detail, field, suggestion;
  std::optional<std::size_t> line, column;
};

}  // namespace

response to_response(problem what) {
  document written{.title = reason(what.status),
                   .status = code(what.status),
                   .detail = {},
                   .field = std::move(what.field),
                   .suggestion = std::move(what.suggestion),
                   .line = what.line,
                   .column = what.column};
  if (!what.detail.empty()) written.detail = std::move(what.detail);
  return {what.status, problem_type, aster::json::write(written)};
}

}  // namespace aster::web
