#include "host/galaxy/daemon.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <format>
#include <fstream>
#include <sstream>

#include "aster/task/cancellation.hpp"
#include "aster/task/one_shot.hpp"
#include "host/fibers/readiness.hpp"
#include "host/galaxy/api/api.hpp"
#include "host/galaxy/log_limit.hpp"
#include "host/run/child.hpp"
#include "host/run/exit_record.hpp"

namespace aster::host::galaxy {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t file_limit = 1u << 20;
constexpr task::fiber_options roomy{.stack_size = 1024 * 1024};  // SQLite, TOML, formats
constexpr auto log_interval = 10s;

/// 128 bits that nobody can guess, in hex.
std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = getrandom(bytes.data() + got, bytes.size() - got, 0);
    if (n > 0) got += static_cast<std::size_t>(n);
  }
  std::string text;
  for (const unsigned char b : bytes) text += std::format("{:02x}", b);
  return text;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 1;
  while (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
  }
  return seed;
}

/// Another one after each start of the machine.
std::string boot_name() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string name;
  std::getline(in, name);
  return name;
}

std::expected<declaration, std::string> read_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::stringstream all;
  all << in.rdbuf();
  if (!in)
    return std::unexpected(
        std::format("{}: it cannot be read; name a galaxy.toml with --file", file.string()));
  const std::string text = std::move(all).str();
  if (text.size() > file_limit)
    return std::unexpected(std::format("{}: it is larger than 1 MiB", file.string()));
  auto read = read_declaration(text, file.parent_path().filename().string());
  if (read) return std::move(*read);
  std::string complaints;
  for (const complaint& c : read.error())
    complaints += (complaints.empty() ? "" : "\n") + to_string(c, file.string());
  return std::unexpected(complaints);
}

/// Held as long as the descriptor is open, and gone with the process.
std::expected<descriptor, std::string> take_lock(const fs::path& file, const std::string& galaxy) {
  descriptor lock(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return std::unexpected(std::format("{}: {}", file.string(), std::strerror(errno)));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(std::format(
        "the galaxy {} has a daemon already; end it with aster down, or talk to it with aster ps", galaxy));
  }
  return lock;
}

}  // namespace

moment daemon::now() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {task::now(), std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

template <class Function>
auto daemon::in_keeper(Function what) const {
  using result = std::invoke_result_t<Function>;
  if (!keeping_) return result{what()};  // it is about to end
  std::optional<result> made;
  bool done = false;
  task::wait_queue waiting{"the keeper"};
  jobs_.emplace_back([&] {
    made.emplace(what());
    done = true;
    waiting.notify_all();
  });
  woken_.notify_one();
  // What is asked for refers to this stack, and takes no time.
  task::shield undisturbed;
  while (!done) waiting.wait();
  return std::move(*made);
}

daemon::daemon(fs::path file, declaration what, folders places, store memory, descriptor lock)
    : file_(std::move(file)),
      declared_(std::move(what)),
      places_(std::move(places)),
      lock_(std::move(lock)),
      memory_(std::move(memory)),
      journal_(memory_),
      shelf_(places_.images()),
      limits_(resource_limits::find()),
      keeper_({.name = declared_.name, .seed = random_seed(), .make_token = random_token}) {}

std::expected<std::unique_ptr<daemon>, std::string> daemon::make(const daemon_options& options) {
  std::error_code error;
  const fs::path file = fs::absolute(options.file, error);
  auto what = read_file(file);
  if (!what) return std::unexpected(what.error());
  auto places = make_folders(what->name);
  if (!places) return std::unexpected(places.error());
  auto lock = take_lock(places->lock(), what->name);
  if (!lock) return std::unexpected(lock.error());
  auto memory = store::open(places->store());
  if (!memory) return std::unexpected(memory.error());
  const auto aster = find_own_program("aster");
  const auto switch_program = find_own_program("aster-switch");
  if (!switch_program) return std::unexpected(switch_program.error());
  std::unique_ptr<daemon> d(
      new daemon(file, std::move(*what), std::move(*places), std::move(*memory), std::move(*lock)));
  d->switch_program_ = *switch_program;
  // Installed, the command lies in bin/ and this in libexec/asterism/.
  d->aster_ = aster ? *aster : switch_program->parent_path() / "../../bin/aster";
  if (access(d->aster_.c_str(), X_OK) != 0)
    return std::unexpected(std::format("{} is missing; install Asterism again", d->aster_.string()));
  d->adopt();
  if (const auto taken = d->take_in(d->declared_, true); !taken) return std::unexpected(taken.error());
  return d;
}

/// What became of the instances that an earlier daemon has started.
void daemon::adopt() {
  auto all = memory_.read();
  if (!all) {
    note_store(std::unexpected(all.error()));
    all = remembered{};
  }
  const std::string boot = boot_name();
  const bool same_start = memory_.word("boot") == boot;
  if (!same_start) note_store(memory_.set_word("boot", boot));
  std::vector<found_instance> found;
  std::vector<std::string> files;
  for (const deployment_record& d : all->deployments) files.push_back(d.file);
  shelf_.keep_only(files);
  for (const instance_record& r : all->instances) {
    if (r.process.pid == 0) continue;
    auto process = same_start ? instance_process::adopt(r.process) : std::nullopt;
    if (process) {
      processes_[r.name] = std::make_unique<instance_process>(std::move(*process));
      found.push_back({r.name, true, 0, {}});
    } else {
      const auto code = same_start ? read_exit_record(places_.record(r.name)) : std::nullopt;
      found.push_back({r.name, false, code.value_or(137),
                       code         ? std::format("it ended with code {} while no daemon ran", *code)
                       : same_start ? "it was killed while no daemon ran"
                                    : "the machine was started again"});
    }
  }
  keeper_.begin(now(), *all, found);
  const std::string word = memory_.word("switch");
  if (process_identity who; same_start && std::sscanf(word.c_str(), "%ld:%lu", &who.pid, &who.born) == 2) {
    if (auto process = instance_process::adopt(who))
      switch_ = std::make_unique<instance_process>(std::move(*process));
  }
}

/// `first`: where an image is missing that was never deployed, nothing can begin.
std::expected<void, std::string> daemon::take_in(const declaration& what, bool first) {
  declared_images images = images_of(what, file_.parent_path(), shelf_);
  std::string complaints;
  const auto known = memory_.read();
  for (const auto& [service, why] : images.missing) {
    // One that has been deployed goes on as it is.
    const service_record* before = nullptr;
    const deployment_record* last = nullptr;
    if (known) {
      for (const service_record& r : known->services)
        if (r.name == service) before = &r;
      for (const deployment_record& d : known->deployments)
        if (d.service == service) last = &d;
    }
    if (first && before != nullptr && last != nullptr) {
      images.found[service] = {{last->told.image, last->file}, before->declared};
      action::tell t{"failed", service, "", why};
      on(t);
    } else {
      complaints += std::format("{}{}: {}", complaints.empty() ? "" : "\n", service, why);
    }
  }
  if (!complaints.empty()) return std::unexpected(complaints);
  declared_ = what;
  keeper_.declare(now(), declared_, images.found);
  return {};
}

void daemon::run() {
  task::scope fibers{"galaxy"};
  fibers_ = &fibers;
  std::vector<std::string> adopted;
  for (const auto& [name, process] : processes_) adopted.push_back(name);
  for (const std::string& name : adopted) watch(name);
  action::tell limited{"changed", "", "", limits_.description()};
  on(limited);
  fibers.spawn("keeper", [this] { keep(); }, roomy);
  fibers.spawn("edges", [this] { serve_edges(); }, roomy);
  fibers.spawn("switch", [this] { serve_switch(); }, roomy);
  fibers.spawn("logs", [this] { limit_logs(); }, roomy);
  fibers.spawn(
      "api",
      [this] {
        serve_api(*this, {.socket = places_.api(),
                          .token = {},
                          .memory = places_.state / "page.json",
                          .logs = places_.logs()});
      },
      roomy);
  while (!finished_) over_.wait();
  // Who asked for the end may read of it yet.
  task::sleep(100ms);
  fibers.cancel();
  end_switch();
}

void daemon::keep() {
  keeping_ = true;
  struct leaving {
    daemon& d;
    ~leaving() {
      d.keeping_ = false;
      for (const auto& job : d.jobs_) job();
      d.jobs_.clear();
    }
  } at_the_end{*this};
  for (;;) {
    while (!jobs_.empty()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
    for (auto actions = keeper_.take_actions(); !actions.empty(); actions = keeper_.take_actions())
      for (any_action& a : actions) perform(a);
    changed_.notify_all();  // what was told is a change as well
    if (!jobs_.empty()) continue;
    if (!woken_.wait_until(keeper_.next())) keeper_.look(now());
  }
}

void daemon::watch(const std::string& instance) {
  fibers_->spawn(
      instance,
      [this, instance] {
        const auto process = processes_.find(instance);
        if (process == processes_.end()) return;
        const int handle = process->second->handle();
        await_readable(handle);
        const auto own = process->second->reap();
        const auto left = read_exit_record(places_.record(instance));
        processes_.erase(instance);
        limits_.release(instance);
        // It counts what `aster run` has understood of the end; a signal is what it could not.
        const int code = left.value_or(own.value_or(137));
        std::string why = code > 128 && code < 128 + NSIG ? std::format("ended by signal {} (SIG{})",
                                                                        code - 128, sigabbrev_np(code - 128))
                                                          : std::format("exit code {}", code);
        if (code != 0) {
          if (const std::string last = last_line(places_.log(instance)); !last.empty()) why += ": " + last;
        }
        keeper_.ended(now(), instance, code, why);
        wake();
      },
      roomy);
}

void daemon::limit_logs() {
  for (;;) {
    task::sleep(log_interval);
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{places_.logs(), ignored})
      if (entry.path().extension() == ".log") limit_log(entry.path());
  }
}

// ---- what others see and ask for

galaxy_status daemon::status() const {
  galaxy_status s{.name = declared_.name,
                  .file = file_.string(),
                  .url = std::format("http://{}/", keeper_.edge_address()),
                  .page = {},
                  .services = keeper_.status(),
                  .last_event = journal_.last()};
  for (service_status& service : s.services) {
    for (instance_status& i : service.instances) {
      if (i.pid == 0) continue;
      const process_usage used = usage_of(i.pid);
      i.memory = used.memory;
      i.processor = used.processor;
    }
  }
  return s;
}

std::vector<event> daemon::events(std::uint64_t after, std::size_t limit) const {
  return in_keeper([&] { return journal_.after(after, limit); });
}

void daemon::await_event(std::uint64_t after, task::time_point deadline) {
  while (journal_.last() <= after)
    if (!happened_.wait_until(deadline)) return;
}

void daemon::await_change(task::time_point deadline) { std::ignore = changed_.wait_until(deadline); }

outcome<> daemon::restart(std::string_view service) {
  return in_keeper([&] { return keeper_.restart(now(), service); });
}

outcome<> daemon::scale(std::string_view service, std::optional<unsigned> instances) {
  return in_keeper([&] { return keeper_.scale(now(), service, instances); });
}

outcome<unsigned> daemon::deploy(std::string_view service, const fs::path& image) {
  return in_keeper([&]() -> outcome<unsigned> {
    const auto file = image_at(image.is_absolute() ? image : file_.parent_path() / image);
    if (!file) return std::unexpected(refusal{refusal::kind::invalid, file.error()});
    const auto put = shelf_.put(*file, image.string());
    if (!put) return std::unexpected(refusal{refusal::kind::invalid, put.error()});
    return keeper_.deploy(now(), service, *put);
  });
}

outcome<unsigned> daemon::rollback(std::string_view service) {
  return in_keeper([&] { return keeper_.rollback(now(), service); });
}

outcome<std::vector<deployment>> daemon::deployments(std::string_view service) const {
  return keeper_.deployments(service);
}

outcome<> daemon::reload() {
  return in_keeper([&]() -> outcome<> {
    if (keeper_.goes_down())
      return std::unexpected(refusal{refusal::kind::conflict, "the galaxy is being taken down"});
    const auto what = read_file(file_);
    if (!what) return std::unexpected(refusal{refusal::kind::invalid, what.error()});
    if (what->name != declared_.name) {
      return std::unexpected(refusal{
          refusal::kind::invalid,
          std::format("the galaxy is called {} now; take {} down first", what->name, declared_.name)});
    }
    if (const auto taken = take_in(*what, false); !taken)
      return std::unexpected(refusal{refusal::kind::invalid, taken.error()});
    return {};
  });
}

void daemon::take_down() {
  std::ignore = in_keeper([&] {
    keeper_.take_down(now());
    return true;
  });
}

outcome<fs::path> daemon::log_of(std::string_view instance) const {
  for (const auto& s : keeper_.services())
    for (const kept_instance& i : s->instances())
      if (i.record.name == instance) return places_.log(instance);
  return std::unexpected(refusal{refusal::kind::unknown, std::format("there is no instance {}", instance)});
}

outcome<fs::path> daemon::console_of(std::string_view instance) const {
  if (!processes_.contains(instance))
    return std::unexpected(refusal{refusal::kind::unknown, std::format("no instance {} runs", instance)});
  return places_.console(instance);
}

}  // namespace aster::host::galaxy
