// The versions of a service: which one is live, which one is on its way, which ones were.
//
// At most one deployment is rolling. It becomes live when its instances are well, and fails when one of them
// does; then the version that was live is wanted again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/galaxy/desk.hpp"

namespace aster::host::galaxy {

/// An image as it was when it was deployed.
struct image_version {
  std::string told;  // as it was named
  std::string file;  // a copy that stays as it is
};

class rollout {
 public:
  explicit rollout(std::string service) : service_(std::move(service)) {}

  void restore(std::vector<deployment_record> all) { all_ = std::move(all); }

  bool empty() const { return all_.empty(); }
  bool rolling() const { return find(deployment_state::rolling) != nullptr; }
  /// The version that instances are to run: the rolling one, else the live one. 0: none.
  unsigned target() const;
  /// The image of a version; empty: it is not known any more.
  std::string file_of(unsigned version) const;
  /// The image that `rollback` means: of the version that was live last before this one.
  const deployment_record* before() const;
  const std::vector<deployment_record>& all() const { return all_; }

  /// A new version; it is live at once when there is none that could be kept meanwhile.
  unsigned begin(desk& d, const image_version& image);
  /// The rolling version is live.
  void complete(desk& d);
  /// The rolling version is none.
  void fail(desk& d, const std::string& why);
  /// The live version is to be called rolled back once another is live.
  void mark_rolled_back() { rolling_back_ = true; }

 private:
  static constexpr std::size_t most_kept = 50;

  const deployment_record* find(deployment_state s) const;
  deployment_record* find(deployment_state s) {
    return const_cast<deployment_record*>(std::as_const(*this).find(s));
  }
  void become(desk& d, deployment_record& which, deployment_state s, std::string why = {});

  std::string service_;
  std::vector<deployment_record> all_;
  bool rolling_back_ = false;
};

}  // namespace aster::host::galaxy
