#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// SQLite's C API as objects, with every execution timed.
///
///     sqlite::connection db{recorder, "documents.db"};
///     auto search = db.prepare("select body from documents where id = ?");
///     for (search.bind(7); search.step();) show(search.column<std::string_view>(0));
///
/// Threads  one thread at a time per connection and its statements.
/// Cost     two clock reads and one record per execution, whatever the number of rows.
/// Errors   `sqlite::error` with SQLite's message and extended result code, which is also the
///          `error.type` recorded; values that do not fit are std::invalid_argument and
///          std::out_of_range, thrown before SQLite is asked.
/// Lifetime the recorder outlives the connection, the connection its statements and transactions.
/// Source   sqlite.org/c3ref; OpenTelemetry conventions for generic SQL systems.
namespace querytap::sqlite {

class error : public std::runtime_error {
 public:
  error(int code, const std::string& message) : std::runtime_error{message}, code_{code} {}

  /// The extended result code, such as SQLITE_CONSTRAINT_UNIQUE.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

struct connection_options {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  std::chrono::milliseconds busy_timeout{5000};  ///< how long to wait for another's lock
};

/// A prepared statement. One execution lasts from its first step() to the end of its rows, an error
/// or reset(), and counts as one operation: what the application does between two rows is in it.
class statement {
 public:
  statement(statement&&) noexcept;
  statement& operator=(statement&& other) noexcept;
  ~statement();

  /// All the values, in order: integers, floating point, text, std::span<const std::byte>, nullptr,
  /// and std::optional of these. Ends the execution before.
  template <class... Values>
  statement& bind(const Values&... values) {
    begin_binding(sizeof...(Values));
    [[maybe_unused]] int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  /// True: a row is ready. False: there are no more, and the next step() executes once more.
  bool step() {
    if (!call_) begin_execution();
    const int code = sqlite3_step(handle_.get());
    if (code != SQLITE_ROW) return end_execution(code);
    ++rows_;
    return true;
  }

  /// Ready to be bound and executed again, with the values bound before until then.
  void reset() noexcept {
    end_execution();
    sqlite3_reset(handle_.get());
    is_reset_ = true;
  }

  /// Of the current row, converted as SQLite converts: integers, floating point, text, bytes, and
  /// std::optional of these for values that may be NULL. Views are valid until the next step().
  template <class T>
  [[nodiscard]] T column(int index) const {
    check_column(index);
    return read(index, std::type_identity<T>{});
  }

  /// Binds, steps to the end and resets; returns how many rows went by.
  template <class... Values>
  std::size_t run(const Values&... values) {
    bind(values...);
    while (step()) {
    }
    const std::size_t rows = rows_;
    reset();
    return rows;
  }

  [[nodiscard]] sqlite3_stmt* native() const noexcept { return handle_.get(); }

 private:
  friend class connection;

  struct finalizer {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  using compiled = std::unique_ptr<sqlite3_stmt, finalizer>;

  statement(compiled handle, const querytap::statement& identity) noexcept
      : handle_{std::move(handle)},
        identity_{identity},
        parameters_{sqlite3_bind_parameter_count(handle_.get())},
        returns_rows_{sqlite3_column_count(handle_.get()) > 0} {}

  void begin_execution() noexcept {
    rows_ = 0;
    is_reset_ = false;
    call_.emplace(*identity_);
  }
  void end_execution() noexcept;
  bool end_execution(int code);

  void begin_binding(std::size_t values) {
    if (!is_reset_) reset();
    if (std::cmp_not_equal(values, parameters_)) refuse_values(values);
  }
  [[noreturn]] void refuse_values(std::size_t values) const;
  void bind_null(int index);
  void bind_integer(int index, std::int64_t value) {
    check_binding(sqlite3_bind_int64(handle_.get(), index, value));
  }
  void bind_real(int index, double value);
  void bind_text(int index, std::string_view value);
  void bind_blob(int index, std::span<const std::byte> value);
  void check_binding(int code) const {
    if (code != SQLITE_OK) [[unlikely]]
      refuse_binding(code);
  }
  [[noreturn]] void refuse_binding(int code) const;

  void bind_one(int index, std::nullptr_t) { bind_null(index); }
  template <std::integral T>
  void bind_one(int index, T value) {
    if (std::cmp_greater(+value, std::numeric_limits<std::int64_t>::max())) refuse_integer(index);
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind_one(int index, double value) { bind_real(index, value); }
  void bind_one(int index, std::string_view value) { bind_text(index, value); }
  void bind_one(int index, std::span<const std::byte> value) { bind_blob(index, value); }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    value ? bind_one(index, *value) : bind_null(index);
  }

  void check_column(int index) const;
  [[noreturn]] static void refuse_integer(int index);

  template <std::integral T>
  [[nodiscard]] T read(int index, std::type_identity<T>) const {
    const std::int64_t value = sqlite3_column_int64(handle_.get(), index);
    if constexpr (!std::same_as<T, bool>) {
      if (static_cast<std::int64_t>(static_cast<T>(value)) != value ||
          (std::unsigned_integral<T> && value < 0)) {
        refuse_integer(index);
      }
    }
    return static_cast<T>(value);
  }
  template <std::floating_point T>
  [[nodiscard]] T read(int index, std::type_identity<T>) const {
    return static_cast<T>(sqlite3_column_double(handle_.get(), index));
  }
  [[nodiscard]] std::string_view read(int index, std::type_identity<std::string_view>) const;
  [[nodiscard]] std::string read(int index, std::type_identity<std::string>) const;
  [[nodiscard]] std::span<const std::byte> read(
      int index, std::type_identity<std::span<const std::byte>>) const;
  [[nodiscard]] std::vector<std::byte> read(int index,
                                            std::type_identity<std::vector<std::byte>>) const;
  template <class T>
  [[nodiscard]] std::optional<T> read(int index, std::type_identity<std::optional<T>>) const {
    if (sqlite3_column_type(handle_.get(), index) == SQLITE_NULL) return std::nullopt;
    return read(index, std::type_identity<T>{});
  }

  compiled handle_;
  statement_handle identity_;
  int parameters_;
  bool returns_rows_;  // without columns it returns nothing, which is not the same as no rows
  bool is_reset_ = true;
  std::optional<operation> call_;  // while an execution lasts
  std::size_t rows_ = 0;
};

class connection {
 public:
  connection(recorder& telemetry, const std::string& path, connection_options options = {});

  /// One statement. Failing to compile it counts as a failed operation of that statement.
  [[nodiscard]] statement prepare(std::string_view sql);

  /// One statement after the other, each timed on its own; their rows are counted and thrown away.
  void exec(std::string_view sql);

  [[nodiscard]] sqlite3* native() const noexcept { return handle_.get(); }
  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept {
    return sqlite3_last_insert_rowid(handle_.get());
  }
  [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_.get()); }

 private:
  // Closes for good with the last statement, should one outlive its connection after all.
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  using database = std::unique_ptr<sqlite3, closer>;

  [[nodiscard]] static database open(recorder& telemetry, const std::string& path,
                                     const connection_options& options);
  /// SQLite stops reading at a NUL byte, and would silently leave out what stands behind.
  [[nodiscard]] std::string terminated(std::string_view sql) const;
  struct piece {
    statement::compiled handle;  // null if there is nothing but a comment
    std::string_view text;
  };
  /// The first statement of `sql`, which is moved past it.
  [[nodiscard]] piece compile_next(const char*& sql) const;
  [[noreturn]] void refuse(std::string_view sql, const error& why) const;

  database handle_;
  backend backend_;
};

/// BEGIN now, COMMIT on commit(), else ROLLBACK at the end of the scope; each is a statement too.
class transaction {
 public:
  enum class locking : std::uint8_t { deferred, immediate, exclusive };

  explicit transaction(connection& db, locking when = locking::deferred);
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// May be tried again if it fails because another connection holds a lock.
  void commit();

 private:
  connection& db_;
  bool committed_ = false;
};

}  // namespace querytap::sqlite
