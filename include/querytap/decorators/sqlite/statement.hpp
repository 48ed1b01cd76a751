#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/sqlite/bound_values.hpp>
#include <querytap/decorators/sqlite/detail/binding.hpp>
#include <querytap/decorators/sqlite/detail/column_reader.hpp>
#include <querytap/decorators/sqlite/detail/connection_state.hpp>
#include <querytap/decorators/sqlite/detail/parameter_name.hpp>
#include <querytap/decorators/sqlite/detail/value_notes.hpp>
#include <querytap/decorators/sqlite/error.hpp>
#include <querytap/decorators/sqlite/statement_counters.hpp>

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace querytap::sqlite {

class connection;
template <class... Values>
class rows_of;

/// A prepared statement. One execution lasts from its first step() to the end of its rows, an error
/// or reset(), and counts as one operation, which includes the application's work between two rows.
///
///     auto search = db.prepare("select id, body from documents where id > :after");
///     search.bind_at(":after", 7);
///     for (const auto [id, body] : search.rows<int, std::string_view>()) show(body);
///
/// Threads, Cost, Errors and Lifetime as for connection. It converts to SQLite's own pointer, for all
/// functions of SQLite's that take one; sqlite/c_api.hpp has those that are measured.
class statement {
 public:
  /// Without anything to execute, until one is moved into it.
  statement() noexcept;
  statement(std::nullptr_t) noexcept {}  // as where a pointer stood
  statement(statement&&) noexcept;
  statement& operator=(statement&& other) noexcept;
  statement& operator=(std::nullptr_t) noexcept { return *this = statement{}; }
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
  /// ":name" before another value does not compile (see bind_at). As a value, such a text is a
  /// std::string_view.
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

  /// All the values, in order: integers and enumerations, floating point, text of char and of
  /// char16_t, bytes as std::span<const std::byte> or of unsigned char, nullptr, those of
  /// bound_values.hpp, a sqlite3_value*, and std::optional and std::variant of these. Ends the current
  /// execution.
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

  /// One value, by position (from 1) or by name (`:name`, `@name`, `$name`, as the statement writes
  /// it). The others stay bound. Ends the current execution.
  template <class Value>
  statement& bind_at(int index, const Value& value) {
    bind_one(index, value);
    return *this;
  }
  template <class Value>
  statement& bind_at(const char* name, const Value& value) {
    bind_one(index_of(name), value);
    return *this;
  }
  template <class Value>
  statement& bind_at(const std::string& name, const Value& value) {
    return bind_at(name.c_str(), value);
  }
  /// All values are NULL again. Ends the current execution.
  void clear_bindings();

  [[nodiscard]] int parameter_count() const noexcept { return parameters_; }
  /// 0: there is none of this name.
  [[nodiscard]] int parameter_index(const char* name) const noexcept;
  /// Empty for `?`.
  [[nodiscard]] std::string_view parameter_name(int index) const noexcept;

  /// True: a row is ready. False: there are no more rows, and the next step() executes once more.
  bool step(code_location site = code_location::current()) {
    if (!is_executing_) {
      if (handle_ == nullptr) [[unlikely]]
        refuse_empty();
      begin_execution(site);
    }
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

  /// A value of the current row, converted as SQLite converts: the types that can be bound, const
  /// char* (null for NULL), sqlite::any_value, and std::optional of these for values that may be NULL.
  /// Views are valid until the next step().
  template <class T>
  [[nodiscard]] T column(int index) const {
    check_column(index);
    return detail::column_reader{handle_.get(), index, is_shared_}.read(std::type_identity<T>{});
  }
  /// The same, of the first column with this name; std::out_of_range if there is none.
  template <class T>
  [[nodiscard]] T column(std::string_view name) const {
    return column<T>(column_index(name));
  }
  /// The first columns of the current row.
  template <class... Ts>
  [[nodiscard]] std::tuple<Ts...> columns() const {
    return columns<Ts...>(std::index_sequence_for<Ts...>{});
  }
  /// Executes while the range is walked through: `for (auto [id, body] : search.rows<int,
  /// std::string>())`, or without types, each row as sqlite::row.
  template <class... Ts>
  [[nodiscard]] rows_of<Ts...> rows(code_location site = code_location::current());
  /// The first row, if there is one; ends the execution.
  template <class... Ts>
  [[nodiscard]] std::optional<std::tuple<Ts...>> first_row(
      code_location site = code_location::current()) {
    static_assert(!(detail::is_view<Ts> || ...), "a view would outlive its row");
    end_execution();
    if (!step(site)) return std::nullopt;
    std::optional<std::tuple<Ts...>> row{columns<Ts...>()};
    reset();
    return row;
  }

  /// 0 for a statement that returns no rows.
  [[nodiscard]] int column_count() const noexcept;
  [[nodiscard]] std::string_view column_name(int index) const;
  [[nodiscard]] int column_index(std::string_view name) const;
  /// Of the value in the current row: SQLITE_INTEGER, SQLITE_NULL …
  [[nodiscard]] int column_type(int index) const {
    check_column(index);
    return sqlite3_column_type(handle_.get(), index);
  }
  /// As the table's definition has it; empty for an expression.
  [[nodiscard]] std::string_view column_declared_type(int index) const;
  /// Where the column's values come from; empty for an expression, and where SQLite was compiled
  /// without SQLITE_ENABLE_COLUMN_METADATA.
  [[nodiscard]] std::string_view column_database_name(int index) const;
  [[nodiscard]] std::string_view column_table_name(int index) const;
  [[nodiscard]] std::string_view column_origin_name(int index) const;

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
  /// The same with the values that are bound.
  std::size_t run_as_bound(code_location site = code_location::current()) {
    if (!is_reset_) reset();
    return run_bound(site);
  }

  [[nodiscard]] std::string_view sql() const noexcept;
  [[nodiscard]] bool is_read_only() const noexcept;
  [[nodiscard]] statement_counters counters() const noexcept;

  [[nodiscard]] sqlite3_stmt* native() const noexcept {
    if (state_ != nullptr) state_->waits.hand_out();  // by way of sqlite3_db_handle()
    return handle_.get();
  }
  operator sqlite3_stmt*() const& noexcept { return native(); }
  operator sqlite3_stmt*() const&& = delete;

 private:
  friend class connection;
  friend struct c_access;
  template <class... Values>
  friend class rows_of;

  struct finalizer {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  using compiled = std::unique_ptr<sqlite3_stmt, finalizer>;

  statement(compiled handle, const querytap::statement& identity, std::string_view text,
            const std::shared_ptr<detail::connection_state>& state, bool describes) noexcept;

  void begin_execution(code_location site) noexcept;
  [[noreturn]] static void refuse_empty();
  std::size_t run_bound(code_location site) {
    while (step(site)) {
    }
    const std::size_t rows = rows_;
    reset();
    return rows;
  }
  void finish_execution() noexcept;
  void begin_in_transaction() noexcept;
  void note_search() noexcept;
  void record_under_lock() noexcept;
  void look_at_transaction() noexcept;
  void note_failure(int code) noexcept;
  [[noreturn]] void fail_execution(int code);
  /// Ends an execution whose rows have not all been read; returns what SQLite says to that.
  int leave_rows() noexcept;
  void end_execution() noexcept {
    if (is_executing_) static_cast<void>(leave_rows());
  }
  /// As SQLite's functions of these names, measured.
  [[nodiscard]] int advance(code_location site) noexcept;
  int rewind() noexcept;
  int finalize() noexcept;

  void begin_binding(std::size_t values) {
    if (!is_reset_) reset();
    if (std::cmp_not_equal(values, parameters_)) refuse_values(values);
    notes_values_ = notes_now();
    if (notes_values_) begin_notes();
  }
  [[nodiscard]] bool notes_now() const noexcept {
    return describes_ || querytap::detail::current_ledger != nullptr;
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
    check_binding(detail::binder{handle_.get()}(index, value));
    if (notes_values_) notes_.add(value);
  }
  template <class T>
  void bind_one(int index, const T& value) {
    if (!is_reset_) reset();
    check_binding(detail::binder{handle_.get()}(index, value));
    note_at(index, value);
  }
  template <class T>
  void note_at(int index, const T& value) {
    if (!notes_now()) return forget_value(index);
    notes_values_ = true;
    notes_.set(index, value, parameters_, describes_);
  }
  void forget_value(int index) noexcept;
  void note_parameters() noexcept;
  void describe(querytap::detail::call_extras& extras) noexcept;
  void count() noexcept;
  [[noreturn]] void refuse_values(std::size_t values) const;
  void check_binding(int code) const {
    if (code != SQLITE_OK) [[unlikely]]
      refuse_call(code);
  }
  [[noreturn]] void refuse_call(int code) const;
  [[nodiscard]] int index_of(const char* name) const;

  void check_column(int index) const {
    const int columns = sqlite3_data_count(handle_.get());
    if (index < 0 || index >= columns) [[unlikely]]
      refuse_column(index, columns);
  }
  void check_result_column(int index) const;
  [[noreturn]] static void refuse_column(int index, int columns);
  template <class... Ts, std::size_t... Indexes>
  [[nodiscard]] std::tuple<Ts...> columns(std::index_sequence<Indexes...>) const {
    return std::tuple<Ts...>{column<Ts>(static_cast<int>(Indexes))...};
  }

  compiled handle_;
  statement_handle identity_;
  int parameters_ = 0;
  bool returns_rows_ = false;  // without columns it returns nothing, which differs from 0 rows
  bool is_shared_ = false;     // between threads
  bool is_reset_ = true;
  bool is_executing_ = false;
  bool ends_or_begins_ = false;  // a transaction
  bool must_look_ = false;       // whether one has begun or ended
  bool has_failed_ = false;      // until it has looked
  // Of this execution, if there is one. One that has recorded holds nothing, and is not destroyed.
  union current_call {
    current_call() noexcept {}
    ~current_call() {}
    operation value;
  } call_;
  std::size_t rows_ = 0;
  code_location site_;
  std::shared_ptr<detail::connection_state> state_;
  std::chrono::nanoseconds waited_{};  // for locks, in this execution
  // The values and the literals of the text are hashed so that a request finds its duplicate calls.
  bool describes_ = false;
  bool notes_values_ = false;
  std::uint64_t text_hash_ = 0;
  detail::value_notes notes_;
  std::uint32_t uncounted_ = 0;  // executions since SQLite's counters were read
  detail::counter_reader counted_;
};

}  // namespace querytap::sqlite
