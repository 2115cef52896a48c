// Two C libraries out of Debian's archives, as they are: SQLite with a database in memory, and zlib. Prints one
// line per thing that held; ends with 1 at the first that did not.
#include <sqlite3.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "aster/task.hpp"

namespace {

void expect(bool holds, const std::string& what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what.c_str());
  if (!holds) std::exit(1);
}

/// A database in memory that dies on the first error.
class database {
 public:
  database() { expect(sqlite3_open(":memory:", &handle_) == SQLITE_OK, "a database in memory"); }
  ~database() { sqlite3_close(handle_); }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  bool run(const char* text) { return sqlite3_exec(handle_, text, nullptr, nullptr, nullptr) == SQLITE_OK; }

  /// All rows, their columns joined by '|'.
  std::string ask(const char* text) {
    std::string rows;
    const auto add = [](void* out, int columns, char** values, char**) {
      auto& all = *static_cast<std::string*>(out);
      for (int i = 0; i < columns; ++i) all += std::string{i ? "|" : ""} + (values[i] ? values[i] : "null");
      all += "\n";
      return 0;
    };
    char* error = nullptr;
    if (sqlite3_exec(handle_, text, add, &rows, &error) != SQLITE_OK) return std::string{"error: "} + error;
    return rows;
  }

  bool insert(int id, const std::string& name, double value) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(handle_, "INSERT INTO stars VALUES (?, ?, ?)", -1, &statement, nullptr);
    sqlite3_bind_int(statement, 1, id);
    sqlite3_bind_text(statement, 2, name.data(), static_cast<int>(name.size()), SQLITE_TRANSIENT);
    sqlite3_bind_double(statement, 3, value);
    const bool done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return done;
  }

 private:
  sqlite3* handle_ = nullptr;
};

void sqlite() {
  std::printf("SQLite %s\n", sqlite3_libversion());
  database db;
  expect(db.run("CREATE TABLE stars (id INTEGER PRIMARY KEY, name TEXT UNIQUE, magnitude REAL)"), "create a table");
  expect(db.insert(1, "Sirius", -1.46) && db.insert(2, "Canopus", -0.74) && db.insert(3, "Véga ☆", 0.03), "insert");
  expect(db.ask("SELECT name, magnitude FROM stars WHERE magnitude < 0 ORDER BY magnitude DESC") ==
             "Canopus|-0.74\nSirius|-1.46\n", "query");
  expect(db.ask("INSERT INTO stars VALUES (4, 'Sirius', 0)").starts_with("error: UNIQUE constraint"), "a constraint holds");

  expect(db.run("BEGIN; DELETE FROM stars; ROLLBACK") && db.ask("SELECT count(*) FROM stars") == "3\n", "roll back");
  db.run("BEGIN");
  for (int i = 10; i < 20'010; ++i) db.insert(i, "star " + std::to_string(i), i * 0.25);
  expect(db.run("COMMIT") && db.ask("SELECT count(*), sum(id) FROM stars") == "20003|200190006\n", "commit 20,000 rows");
  expect(db.run("CREATE INDEX by_magnitude ON stars (magnitude)") &&
             db.ask("SELECT name FROM stars WHERE magnitude = 2500.0") == "star 10000\n", "an index");
  expect(db.ask("SELECT upper(hex(randomblob(8))) != upper(hex(randomblob(8)))") == "1\n", "its random numbers");
  expect(db.ask("SELECT date('now') >= '2024-01-01', abs(strftime('%s','now') - unixepoch()) < 2") == "1|1\n", "its clock");
  expect(db.ask("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) SELECT sum(x) FROM n") ==
             "500500\n", "a recursive query");
  expect(db.ask("PRAGMA integrity_check") == "ok\n", "integrity check");

  // Threads and fibers of one program may each have a database of their own.
  int good = 0;
  const auto count = [&good] {
    database own;
    own.run("CREATE TABLE t (x)");
    own.run("INSERT INTO t VALUES (1), (2), (3)");
    good += own.ask("SELECT sum(x) FROM t") == "6\n";
  };
  std::thread{count}.join();
  aster::task::scope fibers{"fibers"};
  // SQLite's parser needs some stack.
  for (int i = 0; i < 3; ++i) fibers.spawn("database", count, {.stack_size = 256 * 1024});
  fibers.join();
  expect(good == 4, "in a thread and in fibers");
}

void compress_and_back() {
  std::printf("zlib %s\n", zlibVersion());
  std::string text;
  for (int i = 0; text.size() < 1'000'000; ++i) text += "line " + std::to_string(i * i % 1000) + " of the text\n";
  uLongf size = compressBound(text.size());
  std::vector<Bytef> packed(size);
  const bool done = compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(), 9) == Z_OK;
  expect(done && size < text.size() / 5, "compress a megabyte");
  std::string back(text.size(), 0);
  uLongf back_size = back.size();
  expect(uncompress(reinterpret_cast<Bytef*>(back.data()), &back_size, packed.data(), size) == Z_OK && back == text,
         "and get it back");
  packed[size / 2] ^= 1;
  expect(uncompress(reinterpret_cast<Bytef*>(back.data()), &back_size, packed.data(), size) == Z_DATA_ERROR,
         "one flipped bit is noticed");
  expect(crc32(0, reinterpret_cast<const Bytef*>("123456789"), 9) == 0xcbf43926 &&
             adler32(1, reinterpret_cast<const Bytef*>("123456789"), 9) == 0x091e01de, "check sums");

  // The gzip format, in small pieces.
  z_stream stream{};
  expect(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "a gzip stream");
  std::vector<Bytef> out(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  int state = Z_OK;
  for (std::size_t at = 0; at < text.size(); at += 1000) {
    stream.next_in = reinterpret_cast<Bytef*>(text.data()) + at;
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(1000, text.size() - at));
    state = deflate(&stream, at + 1000 >= text.size() ? Z_FINISH : Z_NO_FLUSH);
  }
  deflateEnd(&stream);
  expect(state == Z_STREAM_END && out[0] == 0x1f && out[1] == 0x8b, "written in pieces of 1,000 bytes");
}

}  // namespace

int main() {
  compress_and_back();
  sqlite();
  std::puts("all");
}
