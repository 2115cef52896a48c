// A node whose type is forgotten: for a component that calls itself, or one that returns different trees.
//
//   any_flow thread(const comment& c) {
//     return article(p(c.text), each(c.answers, thread));
//   }
//
// It costs an allocation and a virtual call, so prefer `auto` where that does. Of its content it is known
// only what `Allowed` says, and the content model then takes the stricter side: an any_phrasing does not
// stand in an <a>, since there may be a button in it. `any<content::phrasing>` does.
#pragma once
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "aster/html/content_model.hpp"
#include "aster/html/kept.hpp"

namespace aster::html {

template <tag_set Allowed>
class any {
 public:
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = Allowed - tag_set{tag::interactive};
  static constexpr tag_set within = Allowed;

  template <part Node>
    requires(!std::same_as<std::remove_cvref_t<Node>, any>)
  any(Node&& node) : node_(std::make_unique<holder<std::remove_cvref_t<Node>>>(static_cast<Node&&>(node))) {
    using plain = part_of<Node>;
    static_assert((plain::roots - Allowed).empty(),
                  "this node is not among those that may be forgotten here");
    static_assert(((plain::within & (content::flow | tag_set{tag::interactive})) - Allowed).empty(),
                  "somewhere within this node is what may not be there");
  }

  static constexpr void lay(layout& l) { l.hole(); }
  void write(cursor& c) const {
    c.advance();
    node_->render(c.out);
  }

 private:
  struct base {
    virtual ~base() = default;
    virtual void render(writer& out) const = 0;
  };
  template <class Node>
  struct holder final : base {
    template <class From>
    explicit holder(From&& from) : node(static_cast<From&&>(from)) {}
    void render(writer& out) const override { show(out, node); }
    Node node;
  };
  std::unique_ptr<base> node_;
};

/// What most parents of flow content hold, a <form> and an <article> among them; so there is no <form> and no
/// <main> in it.
using any_flow = any<(content::flow | tag_set{tag::interactive}) - tag_set{tag::form, tag::main}>;
using any_phrasing = any<content::phrasing | tag_set{tag::interactive}>;

}  // namespace aster::html
