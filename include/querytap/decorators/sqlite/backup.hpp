#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/decorators/sqlite/detail/connection_state.hpp>
#include <querytap/decorators/sqlite/error.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <optional>

namespace querytap::sqlite {

class connection;

/// Copies a database while it is in use: sqlite3_backup_init(). Each step is an operation,
/// `CALL sqlite3_backup_step`, with the time that it waited for locks.
///
///     sqlite::backup copy{target, db};
///     while (copy.step(100) != sqlite::backup::progress::done) show("still copying");
///
/// The calls are of the source, where that is a sqlite::connection.
///
/// Threads  one at a time, as both connections.
/// Errors   sqlite::error for all but locks.
/// Lifetime both connections outlive it. A destructor gives up what is not done.
class backup {
 public:
  enum class progress : std::uint8_t {
    more,    ///< pages remain
    done,    ///< the target is a copy
    locked,  ///< by another connection, for the busy timeout: try again
  };

  backup(connection& target, connection& source, code_location site = code_location::current());
  backup(connection& target, const char* target_schema, connection& source,
         const char* source_schema, code_location site = code_location::current());
  backup(backup&&) noexcept;
  backup& operator=(backup&& other) noexcept;
  ~backup();

  /// Copies so many pages; -1: all that remain.
  progress step(int pages = -1, code_location site = code_location::current());
  /// As of the last step, as the other.
  [[nodiscard]] int remaining_pages() const noexcept;
  [[nodiscard]] int total_pages() const noexcept;

  [[nodiscard]] sqlite3_backup* native() const noexcept { return handle_; }
  operator sqlite3_backup*() const& noexcept { return native(); }
  operator sqlite3_backup*() const&& = delete;

 private:
  friend struct c_access;

  backup(sqlite3* target, const char* target_schema, sqlite3* source, const char* source_schema,
         const connection& measured, code_location site) noexcept;
  [[nodiscard]] int advance(int pages, code_location site) noexcept;
  [[nodiscard]] int finish() noexcept;

  sqlite3_backup* handle_ = nullptr;
  sqlite3* target_ = nullptr;
  std::optional<backend> backend_;
  std::shared_ptr<detail::connection_state> state_;
};

}  // namespace querytap::sqlite
