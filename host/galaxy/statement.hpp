// One SQL statement with its values bound: text never becomes part of the SQL.
//
//   statement add{database, "INSERT INTO events VALUES (?, ?)"};
//   add.bind(7, "started");
//   if (!add.run()) complain(add.error());
#pragma once
#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aster::host::galaxy {

class statement {
 public:
  /// Texts bound have to live until it has run.
  statement(sqlite3* database, std::string_view sql) : database_(database) {
    code_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  }
  ~statement() { sqlite3_finalize(statement_); }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  template <class... Values>
  statement& bind(const Values&... values) {
    (put(values), ...);
    return *this;
  }

  /// Runs it to its end, rows left unread; false: `error` says why not.
  bool run() {
    while (next()) {
    }
    return code_ == SQLITE_DONE;
  }
  /// The next row; false: there is none, or an error.
  bool next() {
    if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
    code_ = sqlite3_step(statement_);
    return code_ == SQLITE_ROW;
  }
  bool done() const { return code_ == SQLITE_DONE; }
  std::string error() const { return sqlite3_errmsg(database_); }

  // Of the row.
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string text(int column) const {
    const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr
               ? std::string{}
               : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  void keep(int code) {
    if (code_ == SQLITE_OK) code_ = code;
  }
  template <std::integral Number>
  void put(Number value) {
    keep(sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value)));
  }
  void put(std::string_view value) {
    keep(
        sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
  }
  template <std::integral Number>
  void put(const std::optional<Number>& value) {
    if (value)
      put(*value);
    else
      keep(sqlite3_bind_null(statement_, ++bound_));
  }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int code_;
  int bound_ = 0;
};

}  // namespace aster::host::galaxy
