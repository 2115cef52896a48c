// What a galaxy's daemon remembers, in an SQLite database.
//
//   auto memory = store::open(folder / "state.db");
//   if (!memory) return complain(memory.error());
//   if (const auto kept = memory->write(record); !kept) …     // do not act then
//
// Each write is whole or not there, and is seen by the next daemon when this one is killed right after it.
// (When the machine loses power, so do its instances; what an operator has decided is on the disk by then.)
// A write that fails changes nothing, and the next one is tried as if nothing had been: a full disk passes.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/galaxy/record.hpp"

struct sqlite3;

namespace aster::host::galaxy {

class store {
 public:
  using result = std::expected<void, std::string>;

  static constexpr std::uint64_t most_events = 10'000;

  /// Makes it when it is not there. An error, of one line with the mend, when the file is damaged, or of a
  /// newer Asterism. One program at a time has it open.
  static std::expected<store, std::string> open(const std::filesystem::path& file);

  std::expected<remembered, std::string> read() const;

  result write(const service_record& r);
  result write(const deployment_record& r);
  result write(const instance_record& r);
  /// The process of an instance that is there already.
  result write(std::string_view instance, process_identity process);
  /// A service and its deployments.
  result forget_service(std::string_view name);
  result forget_instance(std::string_view name);

  /// Older ones than the last `most_events` are dropped now and then.
  result add(const event& e);
  /// After number `after`, oldest first.
  std::vector<event> events(std::uint64_t after, std::size_t limit) const;
  std::uint64_t last_event() const;

  /// A word that is kept under a name; empty: there is none.
  std::string word(std::string_view name) const;
  result set_word(std::string_view name, std::string_view value);

 private:
  struct closing {
    void operator()(sqlite3* database) const;
  };
  explicit store(std::unique_ptr<sqlite3, closing> database) : database_(std::move(database)) {}
  result prepare();
  result execute(const char* sql);
  template <class... Values>
  result run(std::string_view sql, const Values&... values);
  /// On the disk when it returns.
  template <class... Values>
  result run_durably(std::string_view sql, const Values&... values);

  std::unique_ptr<sqlite3, closing> database_;
};

}  // namespace aster::host::galaxy
