// The daemon of a galaxy: tells its keeper what happens, and does what the keeper wants.
//
//   auto d = daemon::make({.file = "galaxy.toml"});
//   if (!d) return complain(d.error());
//   return (*d)->run();                      // parks until the galaxy was taken down
//
// Everything here survives its end: instances and switch are processes of their own, the edge is one of the
// instances, and what is known of them lies in the store before it is done. So the daemon may end at any
// moment, and the next one takes over.
#pragma once
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"
#include "host/galaxy/declared_images.hpp"
#include "host/galaxy/folders.hpp"
#include "host/galaxy/instance_process.hpp"
#include "host/galaxy/journal.hpp"
#include "host/galaxy/keeper.hpp"
#include "host/galaxy/line_link.hpp"
#include "host/galaxy/resource_limits.hpp"

namespace aster::host::galaxy {

struct daemon_options {
  std::filesystem::path file;  // galaxy.toml
};

class daemon final : public galaxy {
 public:
  /// Reads the declaration, opens the store and takes the galaxy's lock. An error is one or more lines, with
  /// the mend; then nothing has been touched.
  static std::expected<std::unique_ptr<daemon>, std::string> make(const daemon_options& options);

  /// Adopts what runs, and keeps the galaxy until it was taken down. Parks; throws task::cancelled when the
  /// program is asked to stop, and then all goes on running. std::runtime_error: a socket cannot be opened.
  void run();

  galaxy_status status() const override;
  std::vector<event> events(std::uint64_t after, std::size_t limit) const override;
  void await_event(std::uint64_t after, task::time_point deadline) override;
  void await_change(task::time_point deadline) override;
  outcome<> restart(std::string_view service) override;
  outcome<> scale(std::string_view service, std::optional<unsigned> instances) override;
  outcome<unsigned> deploy(std::string_view service, const std::filesystem::path& image) override;
  outcome<unsigned> rollback(std::string_view service) override;
  outcome<std::vector<deployment>> deployments(std::string_view service) const override;
  outcome<> reload() override;
  void take_down() override;
  outcome<std::filesystem::path> log_of(std::string_view instance) const override;
  outcome<std::filesystem::path> console_of(std::string_view instance) const override;

 private:
  daemon(std::filesystem::path file, declaration what, folders places, store memory, descriptor lock);

  static moment now();
  void adopt();
  std::expected<void, std::string> take_in(const declaration& what, bool first);

  // The keeper's fiber: all that the keeper wants is done in it.
  void keep();
  void perform(any_action& what);
  void on(action::remember_service& a);
  void on(action::forget_service& a);
  void on(action::remember_deployment& a);
  void on(action::remember_instance& a);
  void on(action::forget_instance& a);
  void on(action::start& a);
  void on(action::stop& a);
  void on(action::kill& a);
  void on(action::to_switch& a);
  void on(action::to_edge& a);
  void on(action::tell& a);
  void on(action::finish& a);
  std::expected<process_identity, std::string> start(const action::start& a);
  void watch(const std::string& instance);
  void note_store(const store::result& written);
  /// Does `what` in the keeper's fiber, which has room for it on its stack; parks until it is done.
  template <class Function>
  auto in_keeper(Function what) const;
  /// Something was told to the keeper.
  void wake() { woken_.notify_one(); }

  // Other fibers.
  void serve_switch();
  void start_switch();
  void end_switch();
  void serve_edges();
  void serve_edge(descriptor socket);
  void limit_logs();

  std::filesystem::path file_;
  declaration declared_;
  folders places_;
  descriptor lock_;
  std::filesystem::path aster_, switch_program_;
  store memory_;
  journal journal_;
  image_shelf shelf_;
  resource_limits limits_;
  keeper keeper_;

  std::map<std::string, std::unique_ptr<instance_process>, std::less<>> processes_;
  std::map<std::string, std::string> devices_;  // of image files
  std::set<std::string> unwritten_;             // instances that must not be started
  bool store_fails_ = false;
  std::unique_ptr<instance_process> switch_;
  line_link* switch_link_ = nullptr;
  line_link* edge_link_ = nullptr;
  bool finished_ = false;

  mutable std::deque<std::function<void()>> jobs_;
  bool keeping_ = false;
  mutable task::wait_queue woken_{"something for the keeper"};
  task::wait_queue changed_{"a change in the galaxy"};
  task::wait_queue happened_{"an event in the galaxy"};
  task::wait_queue over_{"the galaxy's end"};
  task::scope* fibers_ = nullptr;
};

}  // namespace aster::host::galaxy
