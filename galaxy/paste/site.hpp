// A paste bin: text in, an address out. What is oldest goes when there is no more room, and everything when
// the service goes to sleep.
#pragma once
#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "../frame.hpp"

namespace paste {

using namespace aster;

constexpr web::route<"/p"> without_slash;
constexpr web::route<"/p/"> home;
constexpr web::route<"/p/new"> submit;
constexpr web::route<"/p/{id}", web::slug> show;
constexpr web::route<"/p/{id}/raw", web::slug> raw;

struct text {
  std::string id, content;
};

/// The last texts, as many as fit into a budget of bytes.
class shelf {
 public:
  static constexpr std::size_t budget = 4 * 1024 * 1024;

  const text& add(std::string content) {
    used_ += content.size();
    texts_.push_back({make_id(), std::move(content)});
    while (used_ > budget && texts_.size() > 1) {
      used_ -= texts_.front().content.size();
      texts_.pop_front();
    }
    return texts_.back();
  }
  const text* find(std::string_view id) const {
    const auto found = std::ranges::find(texts_, id, &text::id);
    return found == texts_.end() ? nullptr : &*found;
  }

 private:
  std::string make_id() {
    constexpr std::string_view alphabet = "23456789bcdfghjkmnpqrstvwxyz";
    std::uniform_int_distribution<std::size_t> pick{0, alphabet.size() - 1};
    std::string id;
    while (id.size() < 12) id += alphabet[pick(random_)];  // 57 bits: an address is a secret
    return id;
  }

  std::deque<text> texts_;
  std::size_t used_ = 0;
  std::random_device random_;
};

template <class... Content>
web::response page(http::status status, std::string_view name, Content&&... content) {
  return galaxy::page(
      status, name, home().text(),
      "Texts lie in the memory of this service. When nobody has asked for anything for half an hour it "
      "goes to sleep, and they are gone.",
      std::forward<Content>(content)...);
}

inline web::response show_form() {
  using namespace html;
  return page(http::status::ok, "Paste", h1("Paste"),
              p(_class = "lead", "Text in, an address out. Who has the address can read it."),
              form(_method = "post", _action = submit(),
                   div(label(_for = "text", "Text"),
                       textarea(_id = "text", _name = "text", _rows = 14, _required, _spellcheck = "false")),
                   button("Keep it")));
}

struct sent_text {
  std::string text;
};
inline web::response keep_form(shelf& kept, web::form<sent_text> sent) {
  return web::see_other(show(web::slug::of(kept.add(std::move(sent->text)).id)));
}

/// For programs: the body is the text, the answer its address.
inline web::response keep_body(const web::request& req, shelf& kept) {
  const web::url where = raw(web::slug::of(kept.add(std::string{req.body()}).id));
  return web::text("http://" + std::string{req.host()} + where.text() + "\n", http::status::created)
      .header("Location", where.text());
}

inline web::response gone() {
  using namespace html;
  return page(http::status::not_found, "No such paste", h1("There is no such paste"),
              p("It may have been here: texts are forgotten when the service sleeps, or when newer ones need "
                "the room."));
}

inline web::response show_text(const shelf& kept, web::slug id) {
  using namespace html;
  const text* const found = kept.find(id);
  if (found == nullptr) return gone();
  std::vector<std::string_view> lines;
  for (std::string_view rest = found->content; !rest.empty();) {
    lines.push_back(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(lines.back().size() + 1, rest.size()));
  }
  return page(http::status::ok, "Paste " + found->id, h1("Paste"),
              p(_class = "quiet", found->content.size(), " bytes · ", a(_href = raw(id), "raw"), " · ",
                a(_href = home(), "another one")),
              ol(_class = "lines", each(lines, [](std::string_view line) { return li(code(line)); })));
}

inline std::optional<web::response> show_raw(const shelf& kept, web::slug id) {
  const text* const found = kept.find(id);
  if (found == nullptr) return std::nullopt;
  return web::text(found->content);
}

inline auto make_site(shelf& kept) {
  return web::app{
      web::state(kept),
      web::get(without_slash, [] { return web::permanent_redirect(home()); }),
      web::get(home, show_form),
      web::post(home, keep_body),
      web::post(submit, keep_form),
      web::get(show, show_text),
      web::get(raw, show_raw),
      web::files(look::all),
  };
}

}  // namespace paste
