// What the keeper wants, done: rows are written, processes started and ended, lines said.
#include <signal.h>
#include <unistd.h>

#include <format>

#include "abi/platform.hpp"
#include "host/galaxy/daemon.hpp"
#include "host/galaxy/start_command.hpp"

namespace aster::host::galaxy {

namespace {

/// Seconds of the day, for the log.
std::string clock_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000 % 86'400;
  return std::format("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     milliseconds % 1000);
}

void log_line(const event& e) {
  std::string line = clock_text(e.time) + " " + e.kind;
  if (!e.instance.empty())
    line += " " + e.instance;
  else if (!e.service.empty())
    line += " " + e.service;
  if (!e.text.empty()) line += ": " + e.text;
  abi::current_platform().note(line.data(), line.size());
}

}  // namespace

void daemon::perform(any_action& what) {
  std::visit([this](auto& a) { on(a); }, what);
}

/// A store that cannot be written ends nothing that runs; it is told of once.
void daemon::note_store(const store::result& written) {
  if (written.has_value() != store_fails_) return;
  store_fails_ = !written;
  action::tell t{
      written ? "well" : "failed", "", "",
      written ? "state.db can be written again"
              : written.error() + "; what runs goes on, and nothing is started until it can be written"};
  on(t);
}

void daemon::on(action::remember_service& a) { note_store(memory_.write(a.record)); }
void daemon::on(action::forget_service& a) { note_store(memory_.forget_service(a.name)); }
void daemon::on(action::remember_deployment& a) { note_store(memory_.write(a.record)); }
void daemon::on(action::forget_instance& a) { note_store(memory_.forget_instance(a.name)); }

void daemon::on(action::remember_instance& a) {
  const auto written = memory_.write(a.record);
  note_store(written);
  if (written)
    unwritten_.erase(a.record.name);
  else
    unwritten_.insert(a.record.name);
}

void daemon::on(action::start& a) {
  const auto started = start(a);
  if (started)
    keeper_.started(now(), a.instance, *started);
  else
    keeper_.start_failed(now(), a.instance, started.error());
}

std::expected<process_identity, std::string> daemon::start(const action::start& a) {
  if (unwritten_.contains(a.instance)) return std::unexpected("state.db cannot be written");
  auto device = devices_.find(a.file);
  if (device == devices_.end()) {
    const auto name = network_device_of(a.file);
    if (!name) return std::unexpected(name.error());
    device = devices_.emplace(a.file, *name).first;
  }
  const auto command = command_of(a, declared_.name, device->second, places_, file_.parent_path());
  if (!command) return std::unexpected(command.error());
  const auto confine = limits_.confine(a.instance, {.memory = a.how.memory,
                                                    .processor_share = a.how.processor_share,
                                                    .plain_process = a.how.target == run_target::process});
  if (!confine) return std::unexpected(confine.error());
  unlink(places_.record(a.instance).c_str());
  auto process = instance_process::prepare({.path = aster_,
                                            .arguments = command->words,
                                            .console = places_.console(a.instance),
                                            .log = places_.log(a.instance),
                                            .secrets = command->secrets,
                                            .confine = *confine});
  if (!process) return std::unexpected(process.error());
  if (const auto written = memory_.write(a.instance, process->identity()); !written) {
    note_store(written);
    process->abandon();
    return std::unexpected(written.error());
  }
  process->go();
  const process_identity who = process->identity();
  processes_[a.instance] = std::make_unique<instance_process>(std::move(*process));
  watch(a.instance);
  return who;
}

void daemon::on(action::stop& a) {
  if (const auto p = processes_.find(a.instance); p != processes_.end()) p->second->send(SIGTERM);
}

void daemon::on(action::kill& a) {
  if (const auto p = processes_.find(a.instance); p != processes_.end()) p->second->send(SIGKILL);
}

void daemon::on(action::to_switch& a) {
  if (switch_link_ != nullptr) switch_link_->say(switch_control::write(a.order));
}

void daemon::on(action::to_edge& a) {
  if (edge_link_ != nullptr) edge_link_->say(proxy::to_line(a.table));
}

void daemon::on(action::tell& a) {
  event e{.number = 0,
          .time = now().wall,
          .kind = a.kind,
          .service = a.service,
          .instance = a.instance,
          .text = a.text};
  log_line(e);
  const auto kept = journal_.add(std::move(e));
  happened_.notify_all();
  // That it works again is told when something is written that has to be.
  if (!kept && !store_fails_) note_store(kept);
}

void daemon::on(action::finish&) {
  finished_ = true;
  over_.notify_all();
}

}  // namespace aster::host::galaxy
