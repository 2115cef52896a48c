#include "making.hpp"

#include "names.hpp"
#include "target.hpp"

namespace {
constexpr const char* no_room =
    "There is no room for more links. Delete one that nobody needs, or come back later.";
}

instant now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::expected<const short_link*, problem> make_link(link_store& links, const origin& here,
                                                    std::random_device& random, std::string_view target,
                                                    std::string_view name) {
  using kind = problem::kind;
  auto checked = read_target(target, here.host);
  if (!checked) return std::unexpected(problem{kind::target, std::move(checked.error())});
  if (!name.empty())
    if (auto why = refuse_name(name)) return std::unexpected(problem{kind::name, std::move(*why)});
  short_link made{.id = name.empty() ? make_id(links, random) : std::string{name},
                  .target = std::move(*checked),
                  .secret = make_secret(random),
                  .created = now()};
  auto added = links.add(std::move(made));
  if (added) return *added;
  if (added.error() == link_store::refusal::full) return std::unexpected(problem{kind::full, no_room});
  std::string free = suggest_name(links, name);
  std::string text = "“" + std::string{name} + "” is taken. How about “" + free + "”?";
  return std::unexpected(problem{kind::taken, std::move(text), std::move(free)});
}

std::expected<const short_link*, problem> retarget_link(link_store& links, const origin& here,
                                                        const short_link& which, std::string_view target) {
  auto checked = read_target(target, here.host);
  if (!checked) return std::unexpected(problem{problem::kind::target, std::move(checked.error())});
  if (!links.change(which.id, std::move(*checked)))
    return std::unexpected(problem{problem::kind::full, no_room});
  return &which;
}

const short_link* find_owned(const link_store& links, std::string_view id, std::string_view secret) {
  const short_link* const found = links.find(id);
  return found != nullptr && aster::web::same_secret(found->secret, secret) ? found : nullptr;
}
