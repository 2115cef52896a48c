// What a callable takes and returns, as types.
#pragma once
#include <tuple>
#include <type_traits>

namespace aster::web::detail {

template <class F>
struct signature_of;
template <class R, class... P>
struct signature_of<R(P...)> {
  using result = R;
  using parameters = std::tuple<P...>;
};
template <class R, class... P>
struct signature_of<R(P...) noexcept> : signature_of<R(P...)> {};
template <class R, class C, class... P>
struct signature_of<R (C::*)(P...)> : signature_of<R(P...)> {};
template <class R, class C, class... P>
struct signature_of<R (C::*)(P...) const> : signature_of<R(P...)> {};
template <class R, class C, class... P>
struct signature_of<R (C::*)(P...) noexcept> : signature_of<R(P...)> {};
template <class R, class C, class... P>
struct signature_of<R (C::*)(P...) const noexcept> : signature_of<R(P...)> {};

template <class F>
concept has_one_call = requires { &F::operator(); };

/// A function, or an object with one operator() that is no template.
template <class F>
concept has_signature = has_one_call<F> || std::is_function_v<std::remove_pointer_t<F>>;

template <class F>
auto signature_type() {
  if constexpr (has_one_call<F>)
    return std::type_identity<signature_of<decltype(&F::operator())>>{};
  else
    return std::type_identity<signature_of<std::remove_pointer_t<F>>>{};
}

template <class F>
using signature = typename decltype(signature_type<F>())::type;

}  // namespace aster::web::detail
