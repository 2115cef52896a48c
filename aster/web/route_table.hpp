// Which route a path belongs to: a tree of segments that the compiler has built. A step down it costs one
// hash and one comparison, however many routes there are.
//
// Where several routes match, the literal segment wins over the capture and the capture over the rest of the
// path, from left to right; a route is taken only if it has the method and its captures can be read.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/method.hpp"
#include "aster/web/pattern.hpp"

namespace aster::web {

using endpoint_index = std::int16_t;  // -1: none

inline constexpr std::size_t method_count = 10;  // of http::method

/// Where paths end: the endpoint for each method.
struct route_leaf {
  std::array<endpoint_index, method_count> by_method = [] {
    std::array<endpoint_index, method_count> none{};
    none.fill(-1);
    return none;
  }();
  endpoint_index endpoint(http::method m) const { return by_method[static_cast<std::size_t>(m)]; }
};

struct route_node {
  std::uint16_t slots = 0, slot_count = 0;  // of its literal children: a power of two, or 0
  std::uint32_t seed = 0;                   // with which they do not collide
  std::int16_t capture = -1, rest = -1;     // nodes
  std::int16_t leaf = -1;
};

struct route_slot {
  std::string_view text;
  std::int16_t node = -1;
};

/// FNV-1a with a seed, which is chosen so that siblings differ.
constexpr std::uint32_t segment_hash(std::string_view text, std::uint32_t seed) {
  std::uint32_t hash = 2166136261u ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash ^ hash >> 15;
}

/// The tree, wherever it lies. Node 0 is the root.
struct route_table_view {
  std::span<const route_node> nodes;
  std::span<const route_slot> slots;
  std::span<const route_leaf> leaves;
};

/// What was captured of a path, decoded, in order.
struct path_captures {
  std::array<std::string_view, pattern::most_parts> values;
  std::size_t size = 0;
};

/// A path cut into its decoded segments. Views into the path, or into a buffer of this object.
class path_segments {
 public:
  static constexpr std::size_t most = 32;

  /// `path` begins with '/' and must outlive this.
  explicit path_segments(std::string_view path);
  path_segments(const path_segments&) = delete;
  path_segments& operator=(const path_segments&) = delete;

  /// Whether a percent-encoding in it is broken.
  bool is_malformed() const { return malformed_; }
  /// Whether it has more segments than any route can have; those too many are in no segment.
  bool is_deep() const { return deep_; }
  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const { return segments_[i]; }
  /// All from segment `i` on, with the slashes between.
  std::string_view from(std::size_t i) const;

 private:
  std::string_view decoded(std::string_view raw);

  std::string_view path_;
  std::array<std::string_view, most> segments_;
  std::array<std::uint16_t, most> begins_;  // of the raw segments, in the path
  std::size_t size_ = 0;
  bool malformed_ = false, deep_ = false;
  std::string buffer_;        // decoded segments, one behind the other; never grows beyond its reserve
  mutable std::string rest_;  // decoded
};

/// Calls `accept` for the leaves that match, the best first, until one is taken.
class route_search {
 public:
  using accept = bool (*)(void* context, const route_leaf& leaf, const path_captures& captures);

  /// True when one was taken. Each node of the tree is looked at once at the most.
  static bool run(const route_table_view& table, const path_segments& path, accept take, void* context);
};

namespace detail {

struct growing_table {
  struct growing_node {
    std::vector<route_slot> literals;
    std::int16_t capture = -1, rest = -1, leaf = -1;
  };
  std::vector<growing_node> nodes{growing_node{}};
  std::vector<route_leaf> leaves;

  constexpr std::int16_t child(std::int16_t parent, const pattern_part& part) {
    const auto made = static_cast<std::int16_t>(nodes.size());
    growing_node& node = nodes[static_cast<std::size_t>(parent)];
    switch (part.kind) {
      case part_kind::literal:
        for (const route_slot& slot : node.literals)
          if (slot.text == part.text) return slot.node;
        node.literals.push_back({part.text, made});
        break;
      case part_kind::capture:
        if (node.capture >= 0) return node.capture;
        node.capture = made;
        break;
      default:
        if (node.rest >= 0) return node.rest;
        node.rest = made;
    }
    nodes.push_back({});
    return made;
  }

  constexpr void add(const pattern& shape, http::method method, endpoint_index endpoint) {
    std::int16_t at = 0;
    for (std::size_t i = 0; i < shape.segments; ++i) at = child(at, shape.parts[i]);
    std::int16_t& leaf = nodes[static_cast<std::size_t>(at)].leaf;
    if (leaf < 0) {
      leaf = static_cast<std::int16_t>(leaves.size());
      leaves.push_back({});
    }
    leaves[static_cast<std::size_t>(leaf)].by_method[static_cast<std::size_t>(method)] = endpoint;
  }
};

/// A seed with which no two of `literals` fall on one of `count` places, or nothing.
constexpr bool find_seed(const std::vector<route_slot>& literals, std::size_t count, std::uint32_t& seed) {
  for (seed = 0; seed < 64; ++seed) {
    std::vector<bool> taken(count, false);
    bool good = true;
    for (const route_slot& slot : literals) {
      const std::size_t place = segment_hash(slot.text, seed) & (count - 1);
      if (taken[place]) {
        good = false;
        break;
      }
      taken[place] = true;
    }
    if (good) return true;
  }
  return false;
}

/// Lays the literal children of all nodes out in hash tables, two to four times as large as they are many.
constexpr void lay_out(const growing_table& from, std::vector<route_node>& nodes,
                       std::vector<route_slot>& slots) {
  for (const growing_table::growing_node& grown : from.nodes) {
    route_node node;
    node.capture = grown.capture;
    node.rest = grown.rest;
    node.leaf = grown.leaf;
    if (!grown.literals.empty()) {
      std::size_t count = 1;
      while (count < grown.literals.size()) count *= 2;
      while (!find_seed(grown.literals, count, node.seed)) count *= 2;
      node.slots = static_cast<std::uint16_t>(slots.size());
      node.slot_count = static_cast<std::uint16_t>(count);
      slots.resize(slots.size() + count);
      for (const route_slot& slot : grown.literals)
        slots[node.slots + (segment_hash(slot.text, node.seed) & (count - 1))] = slot;
    }
    nodes.push_back(node);
  }
}

}  // namespace detail

struct routed {
  const pattern* shape;
  http::method method;
};

/// The tree as a constant, for the endpoints that `Endpoints()` gives: a std::array of `routed`, whose
/// indices are those of the endpoints.
template <auto Endpoints>
class route_table {
  struct layout {
    std::vector<route_node> nodes;
    std::vector<route_slot> slots;
    std::vector<route_leaf> leaves;
  };
  static constexpr layout build() {
    detail::growing_table grown;
    endpoint_index i = 0;
    for (const routed& each : Endpoints()) grown.add(*each.shape, each.method, i++);
    layout result;
    detail::lay_out(grown, result.nodes, result.slots);
    result.leaves = grown.leaves;
    return result;
  }
  static constexpr std::array<std::size_t, 3> sizes = [] {
    const layout made = build();
    return std::array{made.nodes.size(), made.slots.size(), made.leaves.size()};
  }();
  static_assert(sizes[0] <= 0x7fff, "an application's routes have at most 32,767 different segments");
  struct storage {
    std::array<route_node, sizes[0]> nodes;
    std::array<route_slot, sizes[1]> slots;
    std::array<route_leaf, sizes[2]> leaves;
  };
  static constexpr storage stored = [] {
    const layout made = build();
    storage result{};
    for (std::size_t i = 0; i < sizes[0]; ++i) result.nodes[i] = made.nodes[i];
    for (std::size_t i = 0; i < sizes[1]; ++i) result.slots[i] = made.slots[i];
    for (std::size_t i = 0; i < sizes[2]; ++i) result.leaves[i] = made.leaves[i];
    return result;
  }();

 public:
  static constexpr route_table_view view() { return {stored.nodes, stored.slots, stored.leaves}; }
};

}  // namespace aster::web
