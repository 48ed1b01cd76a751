#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>

#include <sqlite3.h>

#include <atomic>
#include <bit>
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
/// Time spent waiting for another connection's lock is the phase `lock_wait`, and that of compiling
/// the phase `compile`: a call of its own only where it fails, or waits for a lock in exec(), whose
/// call it then is a part of. The report of a slow or failed call names the line of its step(),
/// run() or exec().
///
/// Waits are measured by a busy handler of the decorator's, with the timeout of the options. A
/// timeout that the application sets otherwise, by `PRAGMA busy_timeout` or by sqlite3_busy_timeout()
/// on native(), is taken over: found by asking SQLite after the PRAGMA, from time to time after
/// native(), and after a slow or failed call. set_busy_timeout() needs no search. With a busy
/// handler of the application's own, a call that ends with SQLITE_BUSY counts as `lock_wait`, and
/// others as `execute`. While the decorator's handler is in place, `PRAGMA busy_timeout` reads 0.
///
/// A word in double quotes is a value of a statement where SQLite may take it for a string: it is
/// shown only where the grammar has a name, where it is a column of one of the statement's tables,
/// or where the connection has no strings in double quotes (SQLITE_DBCONFIG_DQS_DML and _DDL off).
///
/// Threads  one thread at a time per connection and its statements; any thread may give native() to
///          sqlite3_interrupt(). So the connection is opened without SQLite's own lock, which costs a
///          tenth of a short query (SQLITE_OPEN_NOMUTEX), unless it is shared_between_threads.
/// Cost     two clock reads and one record per execution, whatever the number of rows, and per text
///          that is compiled.
/// Errors   `sqlite::error` with SQLite's message and extended result code, which is also the
///          recorded `error.type`. Values that do not fit are std::invalid_argument and
///          std::out_of_range, thrown before SQLite is called.
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
  std::chrono::milliseconds busy_timeout{5000};  ///< how long to wait for another connection's lock
  /// Threads use the connection at once, or a sqlite_inspector does: SQLite locks it for each of its
  /// calls, as it does for connections of sqlite3_open(). A statement, and a transaction, is still of
  /// one thread at a time. SQLITE_OPEN_FULLMUTEX among the flags says the same.
  bool shared_between_threads = false;
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
};

namespace detail {

/// How long this thread has waited for locks in the call of SQLite's that it makes.
extern thread_local constinit std::chrono::nanoseconds current_lock_wait QUERYTAP_INITIAL_EXEC;

/// What `call` returns. Adds to `waited` how long it waited for locks; a call of another connection
/// that is made meanwhile has its waits to itself.
template <class Call>
int with_lock_waits(std::chrono::nanoseconds& waited, Call call) {
  const std::chrono::nanoseconds before = current_lock_wait;
  const int code = call();
  waited += std::exchange(current_lock_wait, before) - before;
  return code;
}

/// SQLite's busy handler of a connection, which measures how long a thread waits, and the number of
/// the file that is waited for.
///
/// Threads  any number at once, if the connection is shared between threads.
class lock_waits {
 public:
  explicit lock_waits(std::uint64_t file) noexcept : file_{file} {}

  /// As in call_report::database_file.
  [[nodiscard]] std::uint64_t file() const noexcept { return file_; }

  /// As the busy handler of this connection, with this timeout.
  void install(sqlite3* db, std::chrono::milliseconds timeout) noexcept;

  /// The application may change the busy handler now. Looked for after the first, second, fourth,
  /// eighth … time, for looking takes as long as a short query.
  void hand_out() noexcept {
    const std::uint64_t times = load(handed_out_) + 1;
    store(handed_out_, times);
    if (std::has_single_bit(times)) look_for_replacement();
  }
  /// The busy handler may be another one by now.
  void look_for_replacement() noexcept { store(may_be_replaced_, true); }
  /// The same, if the application ever got the native connection.
  void look_for_replacement_if_handed_out() noexcept {
    if (load(handed_out_) != 0) look_for_replacement();
  }
  [[nodiscard]] bool may_be_replaced() const noexcept { return load(may_be_replaced_); }
  /// Takes over the timeout that has replaced this handler, if one has.
  void restore(sqlite3* db) noexcept;

 private:
  /// Sleeps a little longer each time. Returns 0 once the timeout has passed: SQLite then reports
  /// SQLITE_BUSY.
  static int wait(void* self, int times);

  // ORDER relaxed: each is read by itself. Of two hand-outs at once, one may not be counted.
  template <class T>
  static T load(const std::atomic<T>& value) noexcept {
    return value.load(std::memory_order_relaxed);
  }
  template <class T>
  static void store(std::atomic<T>& value, T fresh) noexcept {
    value.store(fresh, std::memory_order_relaxed);
  }

  std::atomic<std::chrono::milliseconds> timeout_{};
  std::atomic<std::uint64_t> handed_out_{0};  // how often the application got the native connection
  std::atomic<bool> may_be_replaced_{false};  // by the application, as the busy handler
  std::chrono::nanoseconds current_wait_{};   // since SQLite last began to wait, under its lock
  const std::uint64_t file_;
};

/// True for `:name`, `@name`, `$name` and `?7`.
[[nodiscard]] constexpr bool is_parameter_name(std::string_view text) noexcept {
  if (text.size() < 2) return false;
  const char next = text[1];
  const bool is_digit = next >= '0' && next <= '9';
  if (text[0] == '?') return is_digit;
  const bool is_marked = text[0] == ':' || text[0] == '@' || text[0] == '$';
  const bool is_letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
  return is_marked && (is_letter || is_digit || next == '_');
}

}  // namespace detail

/// A prepared statement. One execution lasts from its first step() to the end of its rows, an error
/// or reset(), and counts as one operation, which includes the application's work between two rows.
class statement {
 public:
  statement(statement&&) noexcept;
  statement& operator=(statement&& other) noexcept;
  ~statement();

  /// The first value of run(), with the line of the call.
  class first_value {
   public:
    template <class T>
    constexpr first_value(const T& value, code_location site = code_location::current()) noexcept
        : value_{&value},
          bind_{[](statement& statement, const void* value_of_type_t) {
            statement.bind_and_note(1, *static_cast<const T*>(value_of_type_t));
          }},
          site_{site} {}

   private:
    friend class statement;
    const void* value_;
    void (*bind_)(statement& statement, const void* value);
    code_location site_;
  };

  /// The same where more values follow: values are bound by their order, and a literal such as
  /// ":name" before another value does not compile. As a value, such a text is a std::string_view.
  class first_of_several : public first_value {
   public:
    template <class T>
    requires(!std::derived_from<T, first_value>) constexpr first_of_several(
        const T& value, code_location site = code_location::current()) noexcept
        : first_value{value, site} {}
    template <std::size_t N>
    QUERYTAP_REFUSES first_of_several(const char (&literal)[N],
                                      code_location site = code_location::current())
        QUERYTAP_REFUSED_IF(detail::is_parameter_name(literal),
                            "values are bound by their order, not by name")
        : first_value{literal, site} {
      if (detail::is_parameter_name(literal)) throw "values are bound by their order, not by name";
    }
    template <std::size_t N>
    first_of_several(char (&text)[N], code_location site = code_location::current()) noexcept
        : first_value{text, site} {}
    first_of_several(const first_value& first) noexcept : first_value{first} {}
  };

  /// All the values, in order: integers, floating point, text, std::span<const std::byte>, nullptr,
  /// and std::optional of these. Ends the current execution.
  statement& bind() {
    begin_binding(0);
    return *this;
  }
  template <class Value>
  statement& bind(const Value& only) {
    begin_binding(1);
    bind_and_note(1, only);
    return *this;
  }
  template <class Second, class... Values>
  statement& bind(first_of_several first, const Second& second, const Values&... others) {
    bind_several(first, second, others...);
    return *this;
  }

  /// True: a row is ready. False: there are no more rows, and the next step() executes once more.
  bool step(code_location site = code_location::current()) {
    if (!is_executing_) begin_execution(site);
    const int code =
        detail::with_lock_waits(waited_, [this] { return sqlite3_step(handle_.get()); });
    if (code == SQLITE_ROW) {
      ++rows_;
      return true;
    }
    if (code != SQLITE_DONE) [[unlikely]]
      fail_execution(code);
    finish_execution();
    return false;
  }

  /// Ends the execution. The statement can be bound and executed again; its values stay bound until
  /// then. What an `INSERT … RETURNING` with rows left has changed is committed here, and that may
  /// fail: a destructor only records it.
  void reset() {
    if (is_executing_) {
      const int code = leave_rows();
      if (code != SQLITE_OK) [[unlikely]]
        refuse_call(code);
      return;
    }
    sqlite3_reset(handle_.get());
    is_reset_ = true;
  }

  /// A value of the current row, converted as SQLite converts: integers, floating point, text,
  /// bytes, and std::optional of these for values that may be NULL. Views are valid until the next
  /// step().
  template <class T>
  [[nodiscard]] T column(int index) const {
    check_column(index);
    return read(index, std::type_identity<T>{});
  }

  /// Binds, steps to the end of the rows and resets; returns the number of rows.
  std::size_t run(first_value only) {
    begin_binding(1);
    only.bind_(*this, only.value_);
    return run_bound(only.site_);
  }
  template <class Second, class... Values>
  std::size_t run(first_of_several first, const Second& second, const Values&... others) {
    bind_several(first, second, others...);
    return run_bound(first.site_);
  }
  std::size_t run(code_location site = code_location::current()) {
    begin_binding(0);
    return run_bound(site);
  }

  [[nodiscard]] sqlite3_stmt* native() const noexcept {
    if (waits_ != nullptr) waits_->hand_out();  // by way of sqlite3_db_handle()
    return handle_.get();
  }

 private:
  friend class connection;

  struct finalizer {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  using compiled = std::unique_ptr<sqlite3_stmt, finalizer>;

  statement(compiled handle, const querytap::statement& identity, std::string_view text,
            const std::shared_ptr<detail::lock_waits>& waits, bool describes) noexcept;

  void begin_execution(code_location site) noexcept;
  std::size_t run_bound(code_location site) {
    while (step(site)) {
    }
    const std::size_t rows = rows_;
    reset();
    return rows;
  }
  void finish_execution() noexcept;
  void note_failure(int code) noexcept;
  [[noreturn]] void fail_execution(int code);
  /// Ends an execution whose rows have not all been read; returns what SQLite says to that.
  int leave_rows() noexcept;
  void end_execution() noexcept {
    if (is_executing_) static_cast<void>(leave_rows());
  }

  void begin_binding(std::size_t values) {
    if (!is_reset_) reset();
    if (std::cmp_not_equal(values, parameters_)) refuse_values(values);
    notes_values_ = describes_ || querytap::detail::current_ledger != nullptr;
    if (notes_values_) begin_notes();
  }
  void begin_notes();
  template <class... Values>
  void bind_several(const first_value& first, const Values&... others) {
    begin_binding(1 + sizeof...(Values));
    first.bind_(*this, first.value_);
    int index = 1;
    (bind_and_note(++index, others), ...);
  }
  template <class T>
  void bind_and_note(int index, const T& value) {
    bind_value(index, value);
    if (!notes_values_) return;
    if constexpr (std::same_as<T, std::nullptr_t>) {
      note(nullptr);
    } else if constexpr (std::convertible_to<const T&, const char*>) {
      note(static_cast<const char*>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      note(std::string_view{value});
    } else if constexpr (std::convertible_to<const T&, std::span<const std::byte>>) {
      note(std::span<const std::byte>{value});
    } else {
      note(value);
    }
  }
  template <class T>
  void note(const T& value) {
    digest_.add(value);
    if (describes_) description_.add(value);
  }
  void describe(querytap::detail::call_extras& extras) const noexcept;
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
      refuse_call(code);
  }
  [[noreturn]] void refuse_call(int code) const;

  void bind_value(int index, std::nullptr_t) { bind_null(index); }
  template <std::integral T>
  void bind_value(int index, T value) {
    if (std::cmp_greater(+value, std::numeric_limits<std::int64_t>::max())) refuse_integer(index);
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind_value(int index, double value) { bind_real(index, value); }
  void bind_value(int index, std::string_view value) { bind_text(index, value); }
  void bind_value(int index, const char* value) {
    value == nullptr ? bind_null(index) : bind_text(index, value);
  }
  void bind_value(int index, std::span<const std::byte> value) { bind_blob(index, value); }
  template <class T>
  void bind_value(int index, const std::optional<T>& value) {
    value ? bind_value(index, *value) : bind_null(index);
  }

  void check_column(int index) const {
    const int columns = sqlite3_data_count(handle_.get());
    if (index < 0 || index >= columns) [[unlikely]]
      refuse_column(index, columns);
  }
  [[noreturn]] static void refuse_column(int index, int columns);
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
  [[nodiscard]] std::string_view read(int index, std::type_identity<std::string_view>) const {
    if (is_shared_) [[unlikely]]
      return read_shared_text(index);
    // Finds the column once for both. Not thread-safe, says SQLite, and need not be.
    sqlite3_value* const value = sqlite3_column_value(handle_.get(), index);
    const auto* const data = sqlite3_value_text(value);
    const int size = sqlite3_value_bytes(value);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  }
  [[nodiscard]] std::string_view read_shared_text(int index) const;
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
  bool returns_rows_;  // a statement without columns returns nothing, which differs from 0 rows
  bool is_shared_;     // between threads
  bool is_reset_ = true;
  bool is_executing_ = false;
  std::optional<operation> call_;  // of this execution, or of the last, which has recorded
  std::size_t rows_ = 0;
  std::shared_ptr<detail::lock_waits> waits_;
  std::chrono::nanoseconds waited_{};  // for locks, in this execution
  // The values and the literals of the text are hashed so that a request finds its duplicate calls.
  bool describes_ = false;
  bool notes_values_ = false;
  std::uint64_t text_hash_ = 0;
  parameter_digest digest_;
  parameter_description description_;
};

class connection {
 public:
  connection(recorder& telemetry, const std::string& path, connection_options options = {});

  /// One statement. Failing to compile it counts as a failed operation of that statement.
  [[nodiscard]] statement prepare(std::string_view sql,
                                  code_location site = code_location::current());

  /// One statement after the other, each timed on its own; their rows are counted and discarded.
  void exec(std::string_view sql, code_location site = code_location::current());

  /// How long to wait for another connection's lock, from now on.
  void set_busy_timeout(std::chrono::milliseconds timeout);

  [[nodiscard]] sqlite3* native() const noexcept {
    if (waits_ != nullptr) waits_->hand_out();
    return handle_.get();
  }
  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept {
    return sqlite3_last_insert_rowid(handle_.get());
  }
  [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_.get()); }
  /// `call_report::database_file` of its calls.
  [[nodiscard]] std::uint64_t file_number() const noexcept { return waits_->file(); }

 private:
  friend class transaction;

  // SQLite delays the closing until the last statement is gone, if one outlives its connection.
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  using database = std::unique_ptr<sqlite3, closer>;

  [[nodiscard]] static database open(recorder& telemetry, const std::string& path,
                                     const connection_options& options);
  /// A copy that ends with a NUL byte. Refuses a text that holds one: SQLite would silently ignore
  /// the text behind it.
  [[nodiscard]] std::string terminated(std::string_view sql, code_location site) const;
  struct compilation {
    std::uint64_t begin = 0;            // ticks
    std::chrono::nanoseconds spent{};   // without the wait
    std::chrono::nanoseconds waited{};  // for a lock
  };
  struct compiled_text {
    statement::compiled handle;  // null for a text that is only a comment
    std::string_view text;
    compilation cost;
  };
  /// Compiles the first statement of `sql`, and moves `sql` past it.
  [[nodiscard]] compiled_text compile_next(const char*& sql, code_location site) const;
  void end_compilation(compilation& cost) const noexcept;
  /// As phases, and of the request: of a statement that is not executed at once.
  void count(const compilation& cost) const;
  [[noreturn]] void refuse(std::string_view sql, const error& reason, code_location site,
                           const compilation* cost = nullptr) const;
  [[nodiscard]] statement statement_of(compiled_text compiled) const noexcept;
  static void begin_with(const compilation& cost, statement& ready, code_location site);

  database handle_;
  std::shared_ptr<detail::lock_waits> waits_;  // shared with statements, which may outlive it
  backend backend_;
};

/// BEGIN when constructed, COMMIT on commit(), else ROLLBACK at the end of its scope; each is an
/// operation too.
class transaction {
 public:
  enum class locking : std::uint8_t { deferred, immediate, exclusive };

  explicit transaction(connection& db, locking mode = locking::deferred,
                       code_location site = code_location::current());
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// May be called again if it fails because another connection holds a lock.
  void commit(code_location site = code_location::current());

 private:
  connection& db_;
  const code_location site_;
  bool committed_ = false;
};

}  // namespace querytap::sqlite

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite.hpp>
#endif
