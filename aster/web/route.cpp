#include "aster/web/route.hpp"

namespace aster::web::detail {

const pattern_part& url_writer::next_valued() {
  while (shape_.parts[next_].kind == part_kind::literal) append(shape_.parts[next_++], {});
  return shape_.parts[next_++];
}

void url_writer::append(const pattern_part& part, std::string_view text) {
  switch (part.kind) {
    case part_kind::literal: text_.append("/").append(part.text); return;
    case part_kind::capture:
    case part_kind::rest:
      text_ += '/';
      append_encoded(text_, text, part.kind == part_kind::rest ? url_part::path : url_part::segment);
      return;
    case part_kind::required:
    case part_kind::optional:
    case part_kind::repeated:
      if (!has_query_ && text_.empty()) text_ += '/';
      text_ += has_query_ ? '&' : '?';
      has_query_ = true;
      text_.append(part.text).append("=");
      append_encoded(text_, text, url_part::parameter);
      return;
  }
}

url url_writer::finish() {
  for (; next_ < shape_.segments; ++next_) append(shape_.parts[next_], {});
  if (text_.empty()) text_ = "/";
  return url{std::move(text_)};
}

}  // namespace aster::web::detail
