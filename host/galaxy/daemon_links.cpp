// The daemon's two conversations: with the switch, which it starts when there is none, and with the edge.
#include <signal.h>

#include <format>

#include "aster/task/scope.hpp"
#include "host/fibers/readiness.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/galaxy/daemon.hpp"

namespace aster::host::galaxy {

using namespace std::chrono_literals;

namespace {

constexpr auto between_connects = 5ms;
constexpr auto switch_listens_within = 5s;
constexpr auto first_wait = 100ms;
constexpr auto most_wait = 10s;
constexpr auto edge_silence = 10s;  // it says something every second

constexpr task::fiber_options roomy{.stack_size = 256 * 1024};

}  // namespace

void daemon::start_switch() {
  auto process =
      instance_process::prepare({.path = switch_program_,
                                 .arguments = {"aster-switch", "--runtime", places_.runtime.string()},
                                 .log = places_.log("switch")});
  if (!process) {
    action::tell t{"failed", "", "", "the switch cannot be started: " + process.error()};
    on(t);
    return;
  }
  const process_identity who = process->identity();
  const auto written = memory_.set_word("switch", std::format("{}:{}", who.pid, who.born));
  note_store(written);
  if (!written) {
    process->abandon();
    return;
  }
  process->go();
  switch_ = std::make_unique<instance_process>(std::move(*process));
}

/// Connects to the switch, whoever has started it, and starts one where there is none.
void daemon::serve_switch() {
  task::duration wait = first_wait;
  task::time_point started = task::time_point::min();
  for (;;) {
    auto stream = connect_unix(places_.control());
    if (!stream) {
      if (switch_ && await_readable(switch_->handle(), task::now())) {
        std::ignore = switch_->reap();
        switch_.reset();
      }
      const bool is_deaf = switch_ && task::now() - started > switch_listens_within;
      if (is_deaf) switch_->send(SIGKILL);
      if (!switch_) {
        if (task::now() - started < wait) {
          task::sleep(wait);
          wait = std::min<task::duration>(2 * wait, most_wait);
        }
        if (started != task::time_point::min()) {
          action::tell t{"restarting", "", "",
                         "the switch has ended: see its log, " + places_.log("switch").string()};
          on(t);
        }
        started = task::now();
        start_switch();
      }
      task::sleep(between_connects);
      continue;
    }
    line_link link{**stream, switch_control::line_limit};
    switch_link_ = &link;
    struct leaving {
      daemon& d;
      ~leaving() { d.switch_link_ = nullptr; }
    } at_the_end{*this};
    bool was_told = false;
    link.serve([&](std::string_view line) {
      const auto said = switch_control::read_event(line);
      if (!said) {
        action::tell t{"failed", "", "", "the switch says what makes no sense: " + said.error()};
        on(t);
        return false;
      }
      was_told = true;
      keeper_.switch_said(now(), *said);
      wake();
      return true;
    });
    switch_link_ = nullptr;
    keeper_.switch_gone(now());
    wake();
    if (was_told) wait = first_wait;
    if (started == task::time_point::min()) started = task::now() - wait;
    task::sleep(between_connects);
  }
}

/// When the galaxy is taken down: nobody needs it any more.
void daemon::end_switch() {
  if (!switch_) return;
  switch_->send(SIGTERM);
  if (!await_readable(switch_->handle(), task::now() + 3s)) {
    switch_->send(SIGKILL);
    await_readable(switch_->handle(), task::now() + 1s);
  }
  std::ignore = switch_->reap();
}

void daemon::serve_edges() {
  auto door = socket_listener::on_unix(places_.edge());
  if (!door) throw std::runtime_error("the edge's socket cannot be opened: " + door.error());
  task::scope links{"edges"};
  for (;;) {
    descriptor socket = door->accept();
    if (links.size() >= 16) continue;  // each says who it is within seconds
    links.spawn("edge link", [this, s = std::move(socket)]() mutable { serve_edge(std::move(s)); }, roomy);
  }
}

/// The switch has connected, for whoever is at the edge's station. The token says whether that is the edge.
void daemon::serve_edge(descriptor socket) {
  socket_stream stream{std::move(socket)};
  line_link link{stream, proxy::most_line_size};
  bool is_known = false;
  const auto leave = [&] {
    if (edge_link_ != &link) return;
    edge_link_ = nullptr;
    keeper_.edge_disconnected(now());
    wake();
  };
  struct leaving {
    const decltype(leave)& f;
    ~leaving() { f(); }
  } at_the_end{leave};
  link.serve(
      [&](std::string_view line) {
        const auto said = proxy::read_edge_line(line);
        if (!said) {
          action::tell t{"failed", "edge", "", "it says what makes no sense: " + said.error()};
          on(t);
          return false;
        }
        if (const auto* const hello = std::get_if<proxy::edge_hello>(&*said)) {
          if (is_known || !keeper_.is_edge(hello->token)) return false;
          is_known = true;
          if (edge_link_ != nullptr) edge_link_->end();  // the same edge, again
          edge_link_ = &link;
          keeper_.edge_connected(now());
        } else if (is_known && edge_link_ == &link) {
          keeper_.edge_said(now(), std::get<proxy::edge_demand>(*said));
        } else {
          return false;
        }
        wake();
        return true;
      },
      edge_silence);
}

}  // namespace aster::host::galaxy
