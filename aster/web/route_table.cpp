#include "aster/web/route_table.hpp"

#include <algorithm>

#include "aster/web/url.hpp"

namespace aster::web {

path_segments::path_segments(std::string_view path) : path_(path) {
  for (std::size_t begin = 1; begin < path.size();) {
    const std::size_t slash = std::min(path.find('/', begin), path.size());
    if (size_ == most) {
      deep_ = true;
      return;
    }
    begins_[size_] = static_cast<std::uint16_t>(begin);
    segments_[size_++] = decoded(path.substr(begin, slash - begin));
    begin = slash + 1;
    if (begin == path.size()) {  // a slash at the end: one more segment, which is empty
      if (size_ == most) {
        deep_ = true;
        return;
      }
      begins_[size_] = static_cast<std::uint16_t>(begin);
      segments_[size_++] = {};
    }
  }
}

std::string_view path_segments::decoded(std::string_view raw) {
  if (!raw.contains('%')) return raw;
  const auto text = decode(raw, url_part::segment);
  if (!text) {
    malformed_ = true;
    return raw;
  }
  buffer_.reserve(path_.size());  // once; decoded text is shorter, so that views into it stay good
  const std::size_t begin = buffer_.size();
  buffer_ += *text;
  return std::string_view{buffer_}.substr(begin);
}

std::string_view path_segments::from(std::size_t i) const {
  if (i >= size_) return {};
  const std::string_view raw = path_.substr(begins_[i]);
  if (!raw.contains('%')) return raw;
  rest_ = decode(raw, url_part::path).value_or(std::string{});
  return rest_;
}

namespace {

struct searching {
  const route_table_view& table;
  const path_segments& path;
  route_search::accept take;
  void* context;
  path_captures captures;

  bool take_leaf(std::int16_t leaf) {
    return leaf >= 0 && take(context, table.leaves[static_cast<std::size_t>(leaf)], captures);
  }

  bool take_captured(std::string_view text, const auto& go_on) {
    captures.values[captures.size++] = text;
    const bool taken = go_on();
    --captures.size;
    return taken;
  }

  std::int16_t literal_child(const route_node& node, std::string_view segment) const {
    if (node.slot_count == 0) return -1;
    const route_slot& slot =
        table.slots[node.slots + (segment_hash(segment, node.seed) & (node.slot_count - 1u))];
    return slot.node >= 0 && slot.text == segment ? slot.node : std::int16_t{-1};
  }

  /// Goes down from `node` with the segments from `depth` on.
  bool search(std::int16_t at, std::size_t depth) {
    const route_node& node = table.nodes[static_cast<std::size_t>(at)];
    if (depth == path.size()) {
      if (path.is_deep()) return false;  // it goes on
      if (take_leaf(node.leaf)) return true;
      // "/" is the empty rest behind the root; elsewhere the rest begins behind a slash.
      return depth == 0 && take_rest(node, depth);
    }
    const std::string_view segment = path[depth];
    if (const std::int16_t child = literal_child(node, segment); child >= 0 && search(child, depth + 1))
      return true;
    if (node.capture >= 0 && !segment.empty() &&
        take_captured(segment, [&] { return search(node.capture, depth + 1); }))
      return true;
    return take_rest(node, depth);
  }

  bool take_rest(const route_node& node, std::size_t depth) {
    return node.rest >= 0 && take_captured(path.from(depth), [&] {
             return take_leaf(table.nodes[static_cast<std::size_t>(node.rest)].leaf);
           });
  }
};

}  // namespace

bool route_search::run(const route_table_view& table, const path_segments& path, accept take, void* context) {
  return searching{table, path, take, context, {}}.search(0, 0);
}

}  // namespace aster::web
