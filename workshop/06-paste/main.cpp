// A paste bin: text in, an address out. What is oldest goes when there is no more room.
//
//   aster run -p 8080:80 06-paste
//   curl --data-binary @file.txt -H 'Content-Type: text/plain' http://localhost:8080/
#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "assets.hpp"
#include "aster/html.hpp"
#include "aster/net.hpp"
#include "aster/web.hpp"
using namespace aster;

constexpr web::route<"/"> home;
constexpr web::route<"/new"> submit;
constexpr web::route<"/{id}", web::slug> show;
constexpr web::route<"/{id}/raw", web::slug> raw;

struct paste {
  std::string id;
  std::string text;
};

/// The last pastes, as many as fit into a budget of bytes.
class shelf {
 public:
  const paste& add(std::string text) {
    constexpr std::size_t budget = 4 * 1024 * 1024;
    used_ += text.size();
    pastes_.push_back({make_id(), std::move(text)});
    while (used_ > budget && pastes_.size() > 1) {
      used_ -= pastes_.front().text.size();
      pastes_.pop_front();
    }
    return pastes_.back();
  }
  const paste* find(std::string_view id) const {
    for (const paste& each : pastes_)
      if (each.id == id) return &each;
    return nullptr;
  }

 private:
  std::string make_id() {
    constexpr std::string_view alphabet = "23456789bcdfghjkmnpqrstvwxyz";
    std::uniform_int_distribution<std::size_t> pick{0, alphabet.size() - 1};
    std::string id;
    while (id.size() < 12) id += alphabet[pick(random_)];  // 57 bits: an address is a secret
    return id;
  }

  std::deque<paste> pastes_;
  std::size_t used_ = 0;
  std::random_device random_;
};

template <class... Content>
web::response page(std::string_view name, Content&&... content) {
  using namespace aster::html;
  return web::html(
      html5(_lang = "en",
            head(meta(_charset = "utf-8"), title(name),
                 meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
                 link(_rel = "stylesheet", _href = assets::style_css.url())),
            body(header(h1(a(_href = home(), "Paste"))), main(std::forward<Content>(content)...))));
}

web::response show_form() {
  using namespace aster::html;
  return page("Paste",
              form(_method = "post", _action = submit(), label(_for = "text", "Text"),
                   textarea(_id = "text", _name = "text", _rows = 20, _required, _spellcheck = "false"),
                   button("Keep it")));
}

struct sent_text {
  std::string text;
};
web::response keep_form(shelf& kept, web::form<sent_text> sent) {
  return web::see_other(show(web::slug::of(kept.add(std::move(sent->text)).id)));
}

/// For programs: the body is the text, the answer its address.
web::response keep_body(const web::request& req, shelf& kept) {
  const paste& made = kept.add(std::string{req.body()});
  const web::url where = raw(web::slug::of(made.id));
  return web::text("http://" + std::string{req.host()} + where.text() + "\n", http::status::created)
      .header("Location", where.text());
}

std::optional<web::response> show_paste(const shelf& kept, web::slug id) {
  using namespace aster::html;
  const paste* const found = kept.find(id);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string_view> lines;
  for (std::string_view rest = found->text; !rest.empty();) {
    lines.push_back(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(lines.back().size() + 1, rest.size()));
  }
  return page("Paste " + found->id, p(a(_href = raw(id), "Raw"), " · ", found->text.size(), " bytes"),
              ol(_class = "lines", each(lines, [](std::string_view line) { return li(code(line)); })));
}

std::optional<web::response> show_raw(const shelf& kept, web::slug id) {
  const paste* const found = kept.find(id);
  if (found == nullptr) return std::nullopt;
  return web::text(found->text);
}

net::device<"service"> service;

int main() {
  shelf kept;
  return web::run(service, web::app{
                               web::state(kept),
                               web::get(home, show_form),
                               web::post(home, keep_body),
                               web::post(submit, keep_form),
                               web::get(show, show_paste),
                               web::get(raw, show_raw),
                               web::files(assets::all),
                           });
}
