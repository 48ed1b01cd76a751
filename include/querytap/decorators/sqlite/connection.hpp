#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/decorators/sqlite/connection_options.hpp>
#include <querytap/decorators/sqlite/detail/connection_state.hpp>
#include <querytap/decorators/sqlite/error.hpp>
#include <querytap/decorators/sqlite/statement.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::sqlite {

class cached_statement;
namespace detail {
class statement_cache;
struct connection_calls;
}  // namespace detail

/// One connection to a database file, or to a database in memory.
///
///     sqlite::connection db{recorder, "documents.db"};
///     db.exec("insert into documents(body) values ('page')");
///     auto search = db.cached("select body from documents where id = ?");
///     search->run(db.last_insert_rowid());
///
/// Whatever SQLite offers beside (hooks, functions, collations, limits, serialisation …) is called with
/// the connection itself, which converts to SQLite's own pointer, and goes on working. The card of
/// decorators/sqlite.hpp says what is measured, and how.
class connection {
 public:
  connection(recorder& telemetry, const std::string& path, connection_options options = {});
  /// Not open yet: sqlite3_open() of sqlite/c_api.hpp opens it. Of the options, the thresholds count.
  explicit connection(recorder& telemetry, connection_options options = {});
  /// Takes over a connection that was opened otherwise, and closes it in the end. Its busy handler is
  /// replaced by one of the timeout in the options.
  connection(recorder& telemetry, sqlite3* opened, connection_options options = {});
  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;
  /// As where a pointer stood: closes what sqlite3_close() has not.
  connection& operator=(std::nullptr_t) noexcept {
    return *this = connection{*telemetry_, options_};
  }
  ~connection();

  /// One statement. Failing to compile it counts as a failed operation of that statement. `flags` are
  /// those of sqlite3_prepare_v3(): SQLITE_PREPARE_PERSISTENT …
  [[nodiscard]] statement prepare(std::string_view sql, unsigned flags,
                                  code_location site = code_location::current());
  [[nodiscard]] statement prepare(std::string_view sql,
                                  code_location site = code_location::current()) {
    return prepare(sql, 0, site);
  }
  /// The same, compiled once for each text, and lent: of the connection's least recently used
  /// statements, one makes place for another.
  [[nodiscard]] cached_statement cached(std::string_view sql,
                                        code_location site = code_location::current());

  /// One statement after the other, each timed on its own; their rows are counted and discarded.
  void exec(std::string_view sql, code_location site = code_location::current());

  enum class checkpoint : std::uint8_t { passive, full, restart, truncate };
  struct checkpoint_result {
    bool was_blocked = false;  ///< by a reader or a writer: the log was not written back in full
    int log_frames = -1;       ///< in the log; -1: the database has none
    int checkpointed_frames = -1;  ///< of these, written back
  };
  /// Writes the write-ahead log back into the database: an operation. What blocks it is waited for as
  /// for every lock, but by a passive one.
  checkpoint_result run_checkpoint(checkpoint mode = checkpoint::passive,
                                   const char* schema = nullptr,
                                   code_location site = code_location::current());

  /// How long to wait for another connection's lock, from now on.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  /// The application's own busy handler, as for sqlite3_busy_handler(): its time is `lock_wait`.
  void set_busy_handler(int (*handler)(void* context, int times), void* context);

  [[nodiscard]] sqlite3* native() const noexcept {
    if (state_ != nullptr) state_->waits.hand_out();
    return handle_.get();
  }
  operator sqlite3*() const& noexcept { return native(); }
  operator sqlite3*() const&& = delete;

  /// What it records into.
  [[nodiscard]] recorder& telemetry() const noexcept { return *telemetry_; }
  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept {
    return sqlite3_last_insert_rowid(handle_.get());
  }
  /// By the last INSERT, UPDATE or DELETE that ended: one with RETURNING ends with its last row.
  [[nodiscard]] std::int64_t changes() const noexcept;
  [[nodiscard]] std::int64_t total_changes() const noexcept;
  [[nodiscard]] bool is_in_transaction() const noexcept {
    return sqlite3_get_autocommit(handle_.get()) == 0;
  }
  /// Ends the calls that run, from any thread.
  void interrupt() noexcept { sqlite3_interrupt(handle_.get()); }
  /// `call_report::database_file` of its calls.
  [[nodiscard]] std::uint64_t file_number() const noexcept {
    return state_ == nullptr ? 0 : state_->waits.file();
  }

 private:
  friend class transaction;
  friend class savepoint;
  friend class detail::statement_cache;
  friend struct detail::connection_calls;
  friend struct c_access;

  // SQLite delays the closing until the last statement is gone, if one outlives its connection.
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  using database = std::unique_ptr<sqlite3, closer>;

  [[nodiscard]] static database open(recorder& telemetry, const std::string& path,
                                     const connection_options& options);
  /// What needs an open database.
  void attach_telemetry();
  [[nodiscard]] int open_as(const char* path, int flags, const char* vfs) noexcept;
  [[nodiscard]] int close_by(int (*close)(sqlite3*)) noexcept;
  /// SQLite has a handle also of what it could not open.
  [[nodiscard]] bool is_open() const noexcept { return state_ != nullptr; }
  void check_open() const;
  void drop_cached() noexcept;
  /// Before it is closed: statements of the application's may be left, which SQLite then closes with.
  void leave_handle() const noexcept;

  /// A copy that ends with a NUL byte. Refuses a text that holds one: SQLite would silently ignore
  /// the text behind it.
  [[nodiscard]] std::string terminated(std::string_view sql, code_location site) const;
  struct compilation {
    std::uint64_t begin = 0;            // ticks
    std::chrono::nanoseconds spent{};   // without the wait
    std::chrono::nanoseconds waited{};  // for a lock
  };
  struct compiled_text {
    statement::compiled handle;  // null for a text that is only a comment, or has failed
    std::string_view text;
    compilation cost;
    int code = SQLITE_OK;
  };
  /// Compiles the first statement of `sql`, and moves `sql` past it. A failure is recorded and thrown.
  [[nodiscard]] compiled_text compile_next(const char*& sql, unsigned flags,
                                           code_location site) const;
  /// The same for SQLite's own arguments and results; nothing is recorded.
  [[nodiscard]] compiled_text compile(const char* sql, int size, unsigned flags,
                                      const char*& rest) const noexcept;
  void end_compilation(compilation& cost) const noexcept;
  /// As phases, and of the request: of a statement that is not executed at once.
  void count(const compilation& cost) const;
  [[noreturn]] void refuse(std::string_view sql, const error& reason, code_location site) const;
  void record_refusal(std::string_view sql, int code, code_location site,
                      const compilation* cost) const noexcept;
  [[nodiscard]] statement statement_of(compiled_text compiled) const noexcept;
  static void begin_with(const compilation& cost, statement& ready, code_location site);

  recorder* telemetry_;
  connection_options options_;
  database handle_;
  std::shared_ptr<detail::connection_state> state_;  // shared with statements, which may outlive it
  std::optional<backend> backend_;                   // of an open connection
  std::shared_ptr<detail::statement_cache> cache_;   // made when first used
};

}  // namespace querytap::sqlite
