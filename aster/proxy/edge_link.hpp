// Keeps an edge in touch with whoever keeps its galaxy (edge_message.hpp): the table comes in, the demand
// goes out.
//
//   proxy::edge_link link{edge, connect, {keeper, 7777}, token};
//   fibers.spawn("edge link", [&] { link.run(); });
//
// A link that breaks is made again, at first at once and then ever more slowly up to once per second; until
// then the edge goes by the last table.
#pragma once
#include <chrono>
#include <string>

#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/proxy/edge.hpp"
#include "aster/proxy/upstream.hpp"
#include "aster/task/clock.hpp"

namespace aster::proxy {

struct edge_link_options {
  task::duration connecting = std::chrono::seconds{2};
  task::duration first_pause = std::chrono::milliseconds{20};  // before the second try; doubles …
  task::duration most_pause = std::chrono::seconds{1};         // … up to this
  task::duration between = std::chrono::milliseconds{100};     // two lines of demand, when nothing is urgent
  task::duration sign_of_life = std::chrono::seconds{1};
};

class edge_link {
 public:
  /// The edge must outlive the link. `connect` parks.
  edge_link(edge& of, upstream::connect_function connect, net::endpoint keeper, std::string token,
            const edge_link_options& options = {});

  /// Parks until it is cancelled.
  [[noreturn]] void run();

 private:
  bool talk(net::byte_stream& keeper);
  void tell(net::byte_stream& keeper);
  bool listen(net::byte_stream& keeper);

  edge& edge_;
  upstream::connect_function connect_;
  net::endpoint keeper_;
  std::string token_;
  edge_link_options options_;
};

}  // namespace aster::proxy
