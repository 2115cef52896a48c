#include "aster/web/compress.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "aster/http/compress.hpp"
#include "aster/http/grammar.hpp"
#include "aster/web/nonce.hpp"

namespace aster::web {
namespace {

/// Types that are text below; all others are compressed by themselves, or too rare to be missed.
bool is_text(std::string_view type) {
  type = http::trim(type.substr(0, type.find(';')));
  if (type.starts_with("text/")) return true;
  for (std::string_view each : {"application/json", "application/javascript", "application/xml",
                                "application/wasm", "application/rss+xml", "application/manifest+json"})
    if (type == each) return true;
  return type.ends_with("+json") || type.ends_with("+xml");
}

/// The filter of one stream: every part is coded and sent at once.
class coded_stream final : public http::body_filter {
 public:
  explicit coded_stream(http::content_coding coding) : coder_(coding) {}
  void write(std::string_view part, http::body_writer& behind) override {
    coder_.write(part, out_);
    coder_.flush(out_);
    send(behind);
  }
  void finish(http::body_writer& behind) {
    coder_.finish(out_);
    send(behind);
  }

 private:
  void send(http::body_writer& behind) {
    behind.write(std::string_view{out_});
    out_.clear();
  }

  http::compressor coder_;
  std::string out_;
};

bool is_eligible(const response& r) {
  const int status = code(r.status());
  if (status < 200 || has_no_body(r.status()) || r.status() == http::status::partial_content) return false;
  return is_text(r.type()) && !r.is_borrowed() && !r.is_takeover() && !r.header("Content-Encoding") &&
         !r.header("Cache-Control").value_or("").contains("no-transform");
}

void weaken_etag(response& r) {
  const auto tag = r.header("ETag");
  if (tag && tag->starts_with('"')) r.replace_header("ETag", "W/" + std::string{*tag});
}

/// Whether what would be coded is not sent after all.
bool is_not_modified(const request& req, const response& r) {
  const auto tag = r.header("ETag");
  if (!tag || (req.method() != http::method::get && req.method() != http::method::head)) return false;
  return http::select(req.method(), req.headers(), {.etag = *tag}, 0).status == http::status::not_modified;
}

}  // namespace

response compress::operator()(const request& req, next behind) const {
  response r = behind();
  if (!is_eligible(r)) return r;
  const bool is_worth_it = r.is_streamed() ? streams : r.body().size() >= least;
  if (!is_worth_it) return r;
  r.header("Vary", "Accept-Encoding");
  const http::content_coding coding = http::choose_coding(req.headers(), {.gzip = true, .brotli = true});
  if (coding == http::content_coding::identity || req.header("Range")) return r;
  weaken_etag(r);
  if (is_not_modified(req, r)) return r;
  r.header("Content-Encoding", to_string(coding));
  if (r.is_streamed()) {
    r.stream([write = r.take_stream(), coding](http::body_writer& out) mutable {
      coded_stream coded{coding};
      http::body_writer through{out, coded};
      write(through);
      coded.finish(out);
    });
  } else {
    std::string text = r.take_body();
    if (r.type().starts_with("text/html")) fill_nonces(text, req.nonce());  // they cannot be found later
    r.body(http::compress(coding, text));
  }
  return r;
}

}  // namespace aster::web
