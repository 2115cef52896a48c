#include "host/switch/daemon_link.hpp"

#include <array>
#include <exception>
#include <format>
#include <utility>

#include "aster/task/wait_queue.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/switch/note.hpp"
#include "host/switch/probe.hpp"

namespace aster::host {
namespace {

template <class... Cases>
struct cases : Cases... {
  using Cases::operator()...;
};

}  // namespace

struct daemon_link::connection {
  explicit connection(descriptor socket) : stream(std::move(socket)) {}

  void say(const switch_control::event& e) {
    if (closed) return;
    to_say += switch_control::write(e);
    if (to_say.size() > untold_limit) {
      note("the daemon does not read what it is told, and is disconnected");
      close();
    }
    said.notify_one();
  }
  void close() {
    closed = true;
    stream.abort();
    said.notify_one();
  }
  /// Sends what is said until the connection ends.
  void write() {
    while (!closed) {
      if (to_say.empty()) {
        said.wait();
        continue;
      }
      const std::string lines = std::exchange(to_say, {});
      if (!stream.write(std::string_view(lines))) return close();
    }
  }

  socket_stream stream;
  std::string to_say;
  task::wait_queue said{"something to tell the daemon"};
  bool closed = false;
};

void daemon_link::tell(const switch_control::event& e) {
  if (current_) current_->say(e);
}

void daemon_link::serve(socket_listener& listening, switchboard& board, published_ports& ports,
                        const std::function<void()>& end) {
  task::scope fibers{"daemon"};
  desk with{board, ports, end, fibers};
  for (;;) {
    auto c = std::make_shared<connection>(listening.accept());
    if (current_) current_->close();
    current_ = c;
    switch_control::state now{board.stations(), ports.all()};
    c->say(std::move(now));
    for (auto& q : board.questions()) c->say(std::move(q));
    fibers.spawn("daemon", [this, c, &with] { serve_one(c, with); });
  }
}

void daemon_link::serve_one(const std::shared_ptr<connection>& c, desk& with) {
  {
    task::scope writer{"to the daemon"};
    writer.spawn("to the daemon", [&c] { c->write(); });
    std::string heard;
    const auto bytes = std::make_unique<std::array<std::byte, 16 * 1024>>();
    while (!c->closed) {
      const auto got = c->stream.read(*bytes);
      if (!got || *got == 0) break;
      heard.append(reinterpret_cast<const char*>(bytes->data()), *got);
      std::size_t begin = 0;
      for (std::size_t line; (line = heard.find('\n', begin)) != heard.npos && !c->closed; begin = line + 1)
        perform(std::string_view(heard).substr(begin, line - begin), with);
      heard.erase(0, begin);
      if (heard.size() >= switch_control::line_limit) {
        note("the daemon sent a line without end, and is disconnected");
        break;
      }
    }
    c->close();
  }
  if (current_ == c) current_.reset();
}

void daemon_link::perform(std::string_view line, desk& with) {
  if (line.empty()) return;
  const auto order = switch_control::read_order(line);
  if (!order) {
    note(std::format("an order makes no sense: {}", order.error()));
    return tell(switch_control::failed{.of = "order", .why = order.error()});
  }
  try {
    perform(*order, with);
  } catch (const std::exception& e) {
    note(std::format("an order failed: {}", e.what()));
  }
}

void daemon_link::perform(const switch_control::order& what, desk& with) {
  std::visit(
      cases{
          [&](const switch_control::station& s) {
            if (const auto set = with.board.set(s); !set)
              tell(switch_control::failed{.of = "station", .station = s.station, .why = set.error()});
          },
          [&](const switch_control::remove& r) {
            with.ports.forget(r.station);
            with.board.remove(r.station);
          },
          [&](const switch_control::rules& r) { with.board.allow_only(r); },
          [&](const switch_control::publish& p) {
            if (const auto open = with.ports.publish(p); open)
              tell(switch_control::done{
                  .of = "publish", .station = p.station, .address = p.address, .port = p.port});
            else
              tell(switch_control::failed{.of = "publish",
                                          .station = p.station,
                                          .address = p.address,
                                          .port = p.port,
                                          .why = open.error()});
          },
          [&](const switch_control::unpublish& u) {
            with.ports.unpublish(u.address, u.port);
            tell(switch_control::done{.of = "unpublish", .address = u.address, .port = u.port});
          },
          [&](const switch_control::answer& a) { with.board.answer(a); },
          [&](const switch_control::probe& p) {
            if (with.probes.size() >= probe_limit)
              return tell(switch_control::probed{
                  .id = p.id, .well = false, .status = 0, .why = "too many probes are under way"});
            with.probes.spawn("probe", [this, p, &board = with.board] {
              try {
                tell(perform_probe(board, p));
              } catch (const std::exception& e) {
                tell(switch_control::probed{.id = p.id, .well = false, .status = 0, .why = e.what()});
              }
            });
          },
          [&](const switch_control::traffic&) { tell(switch_control::traffic_report{with.board.traffic()}); },
          [&](const switch_control::end&) { with.end(); },
      },
      what);
}

}  // namespace aster::host
