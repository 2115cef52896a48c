#include "host/galaxy/store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <format>

#include "aster/json/enumeration.hpp"
#include "host/galaxy/statement.hpp"

namespace aster::host::galaxy {

namespace {

constexpr int schema_version = 1;

constexpr const char* schema = R"(
BEGIN;
CREATE TABLE words (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE services (
  name TEXT PRIMARY KEY, scale INTEGER, generation INTEGER NOT NULL, failures INTEGER NOT NULL,
  declared TEXT NOT NULL, stopped TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE deployments (
  service TEXT NOT NULL, version INTEGER NOT NULL, time INTEGER NOT NULL, image TEXT NOT NULL,
  file TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (service, version)) WITHOUT ROWID;
CREATE TABLE instances (
  name TEXT PRIMARY KEY, service TEXT NOT NULL, number INTEGER NOT NULL, station INTEGER NOT NULL,
  token TEXT NOT NULL, version INTEGER NOT NULL, generation INTEGER NOT NULL, pid INTEGER NOT NULL,
  born INTEGER NOT NULL, started INTEGER NOT NULL, state TEXT NOT NULL, restarts INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
  number INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, service TEXT NOT NULL,
  instance TEXT NOT NULL, text TEXT NOT NULL);
PRAGMA user_version = 1;
COMMIT;
)";

/// Of a service: those that are neither live nor rolling, and so far back that nobody looks at them.
constexpr unsigned deployments_kept = 50;

std::unexpected<std::string> failure(std::string_view why) {
  return std::unexpected(std::format("state.db: {}", why));
}

template <class State>
State state_named(const std::string& name, State otherwise) {
  return json::value_named<State>(name).value_or(otherwise);
}

}  // namespace

void store::closing::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

std::expected<store, std::string> store::open(const std::filesystem::path& file) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(
      file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, nullptr);
  store opened{std::unique_ptr<sqlite3, closing>(raw)};
  if (code != SQLITE_OK)
    return std::unexpected(
        std::format("{}: {}", file.string(), raw != nullptr ? sqlite3_errmsg(raw) : "out of memory"));
  sqlite3_busy_timeout(raw, 2000);
  if (const auto good = opened.prepare(); !good) {
    return std::unexpected(
        std::format("{}: {}; what runs goes on running. Free space or put the file back, or move it away and "
                    "end what runs, "
                    "and the galaxy begins anew",
                    file.string(), good.error()));
  }
  return opened;
}

store::result store::prepare() {
  sqlite3* const d = database_.get();
  if (const auto done = execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"); !done)
    return std::unexpected(sqlite3_errmsg(d));
  statement check{d, "PRAGMA quick_check(1)"};
  if (!check.next()) return std::unexpected(check.error());
  if (check.text(0) != "ok") return std::unexpected("it is damaged: " + check.text(0));
  statement version{d, "PRAGMA user_version"};
  if (!version.next()) return std::unexpected(version.error());
  const auto found = version.number(0);
  if (found > schema_version) return std::unexpected("it was written by a newer Asterism");
  if (found == 0) {
    if (const auto made = execute(schema); !made) {
      std::ignore = execute("ROLLBACK");
      return made;
    }
  }
  return {};
}

store::result store::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(std::string(sqlite3_errmsg(database_.get())));
}

template <class... Values>
store::result store::run(std::string_view sql, const Values&... values) {
  statement s{database_.get(), sql};
  if (!s.bind(values...).run()) return failure(s.error());
  return {};
}

template <class... Values>
store::result store::run_durably(std::string_view sql, const Values&... values) {
  std::ignore = execute("PRAGMA synchronous = FULL");
  auto done = run(sql, values...);
  std::ignore = execute("PRAGMA synchronous = NORMAL");
  return done;
}

std::expected<remembered, std::string> store::read() const {
  remembered all;
  statement services{
      database_.get(),
      "SELECT name, scale, generation, failures, declared, stopped FROM services ORDER BY name"};
  while (services.next()) {
    service_record r{.name = services.text(0),
                     .scale = {},
                     .generation = static_cast<unsigned>(services.number(2)),
                     .failures = static_cast<unsigned>(services.number(3)),
                     .declared = services.text(4),
                     .stopped = services.text(5)};
    if (!services.is_null(1)) r.scale = static_cast<unsigned>(services.number(1));
    all.services.push_back(std::move(r));
  }
  if (!services.done()) return failure(services.error());

  statement instances{
      database_.get(),
      "SELECT name, service, number, station, token, version, generation, pid, born, started, state, "
      "restarts FROM instances ORDER BY service, number"};
  while (instances.next()) {
    all.instances.push_back(
        {.name = instances.text(0),
         .service = instances.text(1),
         .number = static_cast<unsigned>(instances.number(2)),
         .station = static_cast<std::uint32_t>(instances.number(3)),
         .token = instances.text(4),
         .version = static_cast<unsigned>(instances.number(5)),
         .generation = static_cast<unsigned>(instances.number(6)),
         .process = {instances.number(7), static_cast<std::uint64_t>(instances.number(8))},
         .started = instances.number(9),
         .state = state_named(instances.text(10), instance_state::starting),
         .restarts = static_cast<unsigned>(instances.number(11))});
  }
  if (!instances.done()) return failure(instances.error());

  statement deployments{
      database_.get(),
      "SELECT service, version, time, image, file, state, why FROM deployments ORDER BY service, "
      "version"};
  while (deployments.next()) {
    all.deployments.push_back({deployments.text(0),
                               {.version = static_cast<unsigned>(deployments.number(1)),
                                .time = deployments.number(2),
                                .image = deployments.text(3),
                                .state = state_named(deployments.text(5), deployment_state::failed),
                                .why = deployments.text(6)},
                               deployments.text(4)});
  }
  if (!deployments.done()) return failure(deployments.error());
  return all;
}

store::result store::write(const service_record& r) {
  return run_durably("INSERT OR REPLACE INTO services VALUES (?, ?, ?, ?, ?, ?)", r.name, r.scale,
                     r.generation, r.failures, r.declared, r.stopped);
}

store::result store::write(const deployment_record& r) {
  auto written =
      run_durably("INSERT OR REPLACE INTO deployments VALUES (?, ?, ?, ?, ?, ?, ?)", r.service,
                  r.told.version, r.told.time, r.told.image, r.file, json::name_of(r.told.state), r.told.why);
  if (!written || r.told.version <= deployments_kept) return written;
  return run(
      "DELETE FROM deployments WHERE service = ? AND version <= ? AND state NOT IN ('live', 'rolling')",
      r.service, r.told.version - deployments_kept);
}

store::result store::write(const instance_record& r) {
  return run("INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.name,
             r.service, r.number, r.station, r.token, r.version, r.generation, r.process.pid, r.process.born,
             r.started, json::name_of(r.state), r.restarts);
}

store::result store::write(std::string_view instance, process_identity process) {
  auto written =
      run("UPDATE instances SET pid = ?, born = ? WHERE name = ?", process.pid, process.born, instance);
  if (written && sqlite3_changes(database_.get()) != 1)
    return failure(std::format("there is no instance {}", instance));
  return written;
}

store::result store::forget_service(std::string_view name) {
  if (auto gone = run("DELETE FROM deployments WHERE service = ?", name); !gone) return gone;
  return run("DELETE FROM services WHERE name = ?", name);
}

store::result store::forget_instance(std::string_view name) {
  return run("DELETE FROM instances WHERE name = ?", name);
}

store::result store::add(const event& e) {
  auto added = run("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)", e.number, e.time, e.kind,
                   e.service, e.instance, e.text);
  // Not each time: what is deleted is written too.
  if (added && e.number % 256 == 0 && e.number > most_events)
    return run("DELETE FROM events WHERE number <= ?", e.number - most_events);
  return added;
}

std::vector<event> store::events(std::uint64_t after, std::size_t limit) const {
  std::vector<event> all;
  statement s{database_.get(),
              "SELECT number, time, kind, service, instance, text FROM events WHERE number > ? ORDER BY "
              "number LIMIT ?"};
  s.bind(std::min<std::uint64_t>(after, INT64_MAX), std::min<std::size_t>(limit, most_events));
  while (s.next()) {
    all.push_back({.number = static_cast<std::uint64_t>(s.number(0)),
                   .time = s.number(1),
                   .kind = s.text(2),
                   .service = s.text(3),
                   .instance = s.text(4),
                   .text = s.text(5)});
  }
  return all;
}

std::uint64_t store::last_event() const {
  statement s{database_.get(), "SELECT max(number) FROM events"};
  return s.next() ? static_cast<std::uint64_t>(s.number(0)) : 0;
}

std::string store::word(std::string_view name) const {
  statement s{database_.get(), "SELECT value FROM words WHERE name = ?"};
  s.bind(name);
  return s.next() ? s.text(0) : std::string{};
}

store::result store::set_word(std::string_view name, std::string_view value) {
  return run_durably("INSERT OR REPLACE INTO words VALUES (?, ?)", name, value);
}

}  // namespace aster::host::galaxy
