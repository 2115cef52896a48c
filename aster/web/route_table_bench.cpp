// What finding a route costs among few and among many. Not a test: prints nanoseconds.
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <string>
#include <vector>

#include "aster/web/route_table.hpp"

namespace web = aster::web;

namespace {

/// `/section-I/{id}/part-J` for as many as asked for.
std::vector<std::string> make_texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back("/section-" + std::to_string(i / 10) + "/{id}/part-" + std::to_string(i % 10));
  return texts;
}

bool take(void* found, const web::route_leaf& leaf, const web::path_captures&) {
  *static_cast<web::endpoint_index*>(found) = leaf.endpoint(aster::http::method::get);
  return true;
}

double nanoseconds_among(std::size_t count) {
  const std::vector<std::string> texts = make_texts(count);
  std::deque<web::pattern> patterns;
  web::detail::growing_table grown;
  for (std::size_t i = 0; i < count; ++i) {
    patterns.push_back(web::parse_pattern(texts[i]));
    grown.add(patterns.back(), aster::http::method::get, static_cast<web::endpoint_index>(i));
  }
  std::vector<web::route_node> nodes;
  std::vector<web::route_slot> slots;
  web::detail::lay_out(grown, nodes, slots);
  const web::route_table_view table{nodes, slots, grown.leaves};

  // A few hundred different paths, spread over all routes.
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 256; ++i) {
    const std::size_t route = i * 7919 % count;
    paths.push_back("/section-" + std::to_string(route / 10) + "/xvw" + std::to_string(i) + "/part-" +
                    std::to_string(route % 10));
  }
  constexpr int rounds = 2000;
  long sum = 0;
  const auto began = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; ++round)
    for (const std::string& path : paths) {
      web::endpoint_index found = -1;
      web::route_search::run(table, web::path_segments{path}, &take, &found);
      sum += found;
    }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  if (sum < 0) std::puts("a path was not found");
  return took.count() / rounds / static_cast<double>(paths.size());
}

}  // namespace

int main() {
  for (const std::size_t count : std::array<std::size_t, 3>{10, 100, 1000})
    std::printf("among %5zu routes: %.0f ns\n", count, nanoseconds_among(count));
}
