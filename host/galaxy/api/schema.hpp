// JSON Schema (2020-12, as OpenAPI 3.1 has it) of the types that aster/json writes, made from the types
// themselves.
//
//   schemas all;
//   all.of<galaxy_status>();        // {"$ref":"#/components/schemas/galaxy_status"}
//   all.named();                    // galaxy_status, service_status, instance_status, each with its members
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/json/write.hpp"

namespace aster::host::galaxy {

class schemas {
 public:
  /// The schema of T: where T is an aggregate, a reference to it by name.
  template <class T>
  std::string of() {
    if constexpr (json::detail::is_optional<T>) {
      return of<typename T::value_type>();
    } else if constexpr (std::is_same_v<T, bool>) {
      return R"({"type":"boolean"})";
    } else if constexpr (json::detail::whole<T>) {
      return std::is_unsigned_v<T> ? R"({"type":"integer","minimum":0})" : R"({"type":"integer"})";
    } else if constexpr (std::is_floating_point_v<T>) {
      return R"({"type":"number"})";
    } else if constexpr (json::enumeration<T>) {
      std::string text = R"({"type":"string","enum":[)";
      json::each_name<T>([&](std::string_view name) {
        json::append_string(text, name);
        text += ',';
      });
      text.back() = ']';
      return text + '}';
    } else if constexpr (json::detail::stringlike<T> || json::self_describing<T>) {
      return R"({"type":"string"})";
    } else if constexpr (json::detail::map<T>) {
      return R"({"type":"object","additionalProperties":)" + of<typename T::mapped_type>() + '}';
    } else if constexpr (std::ranges::range<const T>) {
      return R"({"type":"array","items":)" + of<std::ranges::range_value_t<T>>() + '}';
    } else {
      static_assert(json::aggregate<T>, "there is no schema for this type");
      const std::string name{name_of<T>()};
      if (!named_.contains(name)) {
        named_[name];  // before its members, one of which may be of its type
        named_[name] = object<T>(std::make_index_sequence<json::member_count<T>>{});
      }
      return R"({"$ref":"#/components/schemas/)" + name + "\"}";
    }
  }

  /// All aggregates that have been asked for, and those in them.
  const std::map<std::string, std::string>& named() const { return named_; }

 private:
  /// "event" of aster::host::galaxy::event.
  template <class T>
  static constexpr std::string_view name_of() {
    std::string_view text = __PRETTY_FUNCTION__;  // … [T = aster::host::galaxy::event]
    text.remove_suffix(1);
    return text.substr(text.find_last_of(" :") + 1);
  }

  template <class T, std::size_t... I>
  std::string object(std::index_sequence<I...>) {
    std::string properties, required;
    (add_member<typename member<T, I>::type>(json::member_name<T, I>, properties, required), ...);
    std::string text = R"({"type":"object","properties":{)" + properties + '}';
    if (!required.empty()) text += R"(,"required":[)" + required + ']';
    return text + '}';
  }

  template <class List, std::size_t I>
  struct nth;
  template <std::size_t I, class... Types>
  struct nth<json::detail::type_list<Types...>, I> {
    using type = std::tuple_element_t<I, std::tuple<Types...>>;
  };
  template <class T, std::size_t I>
  using member = nth<json::member_types<T>, I>;

  template <class M>
  void add_member(std::string_view name, std::string& properties, std::string& required) {
    if (!properties.empty()) properties += ',';
    json::append_string(properties, name);
    properties += ':' + of<M>();
    if (json::detail::is_optional<M>) return;
    if (!required.empty()) required += ',';
    json::append_string(required, name);
  }

  std::map<std::string, std::string> named_;
};

}  // namespace aster::host::galaxy
