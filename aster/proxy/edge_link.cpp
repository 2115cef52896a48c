#include "aster/proxy/edge_link.hpp"

#include <algorithm>
#include <utility>

#include "abi/platform.hpp"
#include "aster/proxy/line_reader.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"

namespace aster::proxy {

edge_link::edge_link(edge& of, upstream::connect_function connect, net::endpoint keeper, std::string token,
                     const edge_link_options& options)
    : edge_(of), connect_(std::move(connect)), keeper_(keeper), token_(std::move(token)), options_(options) {}

void edge_link::run() {
  for (task::duration pause = options_.first_pause;;) {
    auto stream = task::within(options_.connecting, [&] { return connect_(keeper_); });
    if (stream && *stream && talk(***stream)) pause = options_.first_pause;
    task::sleep(pause);
    pause = std::min(pause * 2, options_.most_pause);
  }
}

/// Until the connection has ended. True: a table came over it.
bool edge_link::talk(net::byte_stream& keeper) {
  if (!keeper.write(to_line(edge_hello{.token = token_}))) return false;
  bool was_heard = false;
  task::scope both{"edge link"};
  both.spawn("edge link: tell", [&] { tell(keeper); });
  was_heard = listen(keeper);
  both.cancel();
  both.join();
  keeper.abort();
  return was_heard;
}

/// Until nobody takes it any more.
void edge_link::tell(net::byte_stream& keeper) {
  for (;;) {
    if (!keeper.write(to_line(edge_.demand()))) return keeper.abort();
    const task::time_point now = task::now();
    edge_.await_demand(task::after(now, options_.between), task::after(now, options_.sign_of_life));
  }
}

bool edge_link::listen(net::byte_stream& keeper) {
  line_reader lines{keeper, most_line_size};
  bool was_heard = false;
  while (const auto line = lines.next()) {
    const auto table = read_table_line(*line);
    if (!table) {
      const std::string text = "edge: the table is refused: " + table.error();
      abi::current_platform().note(text.data(), text.size());
      break;
    }
    edge_.set_table(*table);
    was_heard = true;
  }
  return was_heard;
}

}  // namespace aster::proxy
