#include "host/galaxy/api/following.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "abi/platform.hpp"
#include "aster/json/write.hpp"
#include "aster/task/clock.hpp"
#include "aster/web/events.hpp"
#include "host/galaxy/api/log_tail.hpp"

namespace aster::host::galaxy {
namespace {

using namespace std::chrono_literals;

constexpr auto sign_of_life = 15s;
constexpr auto between_looks = 100ms;  // at files, and at a galaxy that changes all the time
constexpr unsigned looks_per_listing = 10;
constexpr std::size_t events_at_once = 1000;

/// Where the texts go: as lines, or as server-sent events.
class sink {
 public:
  sink(http::body_writer& out, bool as_events) : out_(out) {
    if (as_events) events_.emplace(out);
  }

  /// Sends the head of the response, before anything has happened: who follows shall see that it is heard.
  void begin() {
    if (events_)
      events_->ping();
    else
      out_.write("\n");
  }

  void send(std::string_view text, std::string_view id = {}) {
    if (events_) {
      events_->send({.name = {}, .data = text, .id = id});
    } else {
      lines_.append(text).append("\n");
      if (lines_.size() > 32 * 1024) flush();
    }
    said_ = task::now();
  }

  void flush() {
    if (!lines_.empty()) out_.write(lines_);
    lines_.clear();
  }

  /// Says that it is there, when nothing was said for a while. Finds out whether the client is, too.
  void keep_alive() {
    if (task::now() - said_ < sign_of_life) return;
    if (events_)
      events_->ping();
    else
      out_.write("\n");
    said_ = task::now();
  }

 private:
  http::body_writer& out_;
  std::optional<web::event_stream> events_;
  std::string lines_;
  task::time_point said_ = task::now();
};

bool wants_events(const web::request& req) {
  return req.header("accept").value_or("").contains("text/event-stream");
}

template <class Write>
web::response stream_to_sink(const web::request& req, Write write) {
  const bool as_events = wants_events(req);
  return web::stream(as_events ? "text/event-stream" : "application/x-ndjson",
                     [as_events, write = std::move(write)](http::body_writer& out) mutable {
                       sink to{out, as_events};
                       write(to);
                       to.flush();
                     })
      .header("Cache-Control", "no-store");
}

std::int64_t now_in_milliseconds() { return abi::current_platform().wall() / 1'000'000; }

/// Logs that are followed, of instances as they come.
class followed_logs {
 public:
  followed_logs(galaxy& of, log_selection which, std::filesystem::path folder)
      : galaxy_(of), which_(std::move(which)), folder_(std::move(folder)) {}

  void run(sink& to) {
    if (which_.follow) to.begin();
    list();
    for (auto& [name, log] : logs_) take(name, log, log.tail.history(which_.lines), std::nullopt, to);
    to.flush();
    for (unsigned look = 0; which_.follow; ++look) {
      task::sleep(between_looks);
      if (look % looks_per_listing == 0) list();
      for (auto& [name, log] : logs_)
        for (std::string text; !(text = log.tail.more()).empty();)
          take(name, log, text, now_in_milliseconds(), to);
      to.flush();
      to.keep_alive();
    }
  }

 private:
  struct log {
    log_tail tail;
    line_splitter splitter;
  };

  bool is_meant(std::string_view instance) const {
    if (which_.services.empty() && which_.instances.empty()) return true;
    return std::ranges::contains(which_.instances, instance) ||
           std::ranges::contains(which_.services, service_of(instance));
  }

  void list() {
    for (const service_status& s : galaxy_.status().services)
      for (const instance_status& i : s.instances) {
        if (!is_meant(i.name) || logs_.contains(i.name)) continue;
        if (const auto path = galaxy_.log_of(i.name)) logs_.emplace(i.name, log{log_tail{*path}, {}});
      }
    if (folder_.empty()) return;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder_, error}, end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().stem().string();
      if (at->path().extension() == ".log" && !service_of(name).empty() && is_meant(name))
        logs_.try_emplace(name, log{log_tail{at->path()}, {}});
    }
  }

  static void take(const std::string& name, log& from, std::string_view text,
                   std::optional<std::int64_t> time, sink& to) {
    from.splitter.feed(text, [&](std::string_view line) {
      to.send(json::write(log_line{.instance = name, .time = time, .text = std::string{line}}));
    });
  }

  galaxy& galaxy_;
  log_selection which_;
  std::filesystem::path folder_;
  std::map<std::string, log> logs_;
};

}  // namespace

std::string_view service_of(std::string_view instance) {
  const std::size_t dash = instance.rfind('-');
  if (dash == instance.npos || dash == 0 || dash + 1 == instance.size()) return {};
  const std::string_view number = instance.substr(dash + 1);
  return number.find_first_not_of("0123456789") == number.npos ? instance.substr(0, dash)
                                                               : std::string_view{};
}

web::response follow_status(const web::request& req, galaxy& of, std::string page) {
  return stream_to_sink(req, [&of, page = std::move(page)](sink& to) {
    std::string sent;
    to.begin();
    for (;;) {
      galaxy_status now = of.status();
      now.page = page;
      if (std::string text = json::write(now); text != sent) {
        to.send(text);
        to.flush();
        sent = std::move(text);
      }
      to.keep_alive();
      of.await_change(task::after(task::now(), 1s));
      task::sleep(between_looks);
    }
  });
}

web::response follow_events(const web::request& req, galaxy& of, std::uint64_t after, std::size_t limit,
                            bool follow) {
  return stream_to_sink(req, [&of, after, limit, follow](sink& to) {
    std::uint64_t last = after;
    std::size_t left = limit;
    if (follow) to.begin();
    for (;;) {
      const auto some = of.events(last, std::min(left, events_at_once));
      for (const event& e : some) {
        to.send(json::write(e), std::to_string(e.number));
        last = e.number;
      }
      to.flush();
      left -= std::min(left, some.size());
      if (!some.empty() && left > 0) continue;
      if (!follow) return;
      left = events_at_once;
      of.await_event(last, task::after(task::now(), sign_of_life));
      to.keep_alive();
    }
  });
}

web::response follow_logs(const web::request& req, galaxy& of, log_selection which,
                          std::filesystem::path folder) {
  return stream_to_sink(req, [&of, which = std::move(which), folder = std::move(folder)](sink& to) {
    followed_logs{of, which, folder}.run(to);
  });
}

web::response follow_console(std::filesystem::path log, std::size_t lines, bool follow) {
  return web::stream(web::plain_text,
                     [log = std::move(log), lines, follow](http::body_writer& out) {
                       log_tail tail{log};
                       if (const std::string text = tail.history(lines); !text.empty()) out.write(text);
                       while (follow) {
                         task::sleep(between_looks);
                         for (std::string text; !(text = tail.more()).empty();) out.write(text);
                       }
                     })
      .header("Cache-Control", "no-store");
}

}  // namespace aster::host::galaxy
