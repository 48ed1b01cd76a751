#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>

#include <pqxx/pqxx>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

/// libpqxx with every statement timed, BEGIN, COMMIT and ROLLBACK included.
///
///     postgres::connection db{recorder, "dbname=chatbot"};
///     postgres::work tx{db};
///     auto rows = tx.exec_params("select body from documents where id = $1", 7);
///     tx.commit();
///
/// Quotes are read by the standard_conforming_strings that the session has at the time of the call.
///
/// Threads  as for libpqxx: one thread at a time per connection and its transactions.
/// Cost     two clock reads and one record per statement.
/// Errors   libpqxx' exceptions pass through untouched. `error.type` is the SQLSTATE, or the
///          exception's name (`broken_connection`) where libpqxx has no SQLSTATE. The connection
///          string is passed to libpqxx and not stored.
/// Lifetime the recorder outlives the connection, the connection its transactions.
/// Source   libpqxx 6.4, and 7 by its documentation; OpenTelemetry conventions for PostgreSQL.
///          `db.namespace` is the database connected to: a later SET search_path does not change
///          it.
namespace querytap::postgres {

struct connection_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
};

/// The text of a statement, or the name of a prepared one, with the line of the call. An argument
/// with a default, such as a line, cannot follow a list of values.
class located_text {
 public:
  located_text(const char* text, const code_location& site = code_location::current())
      : own_{text}, text_{&own_}, site_{site} {}
  located_text(const std::string& text,
               const code_location& site = code_location::current()) noexcept
      : text_{&text}, site_{site} {}
  located_text(std::string_view text, const code_location& site = code_location::current())
      : own_{text}, text_{&own_}, site_{site} {}
  located_text(const located_text&) = delete;
  located_text& operator=(const located_text&) = delete;

  [[nodiscard]] const std::string& text() const noexcept { return *text_; }
  [[nodiscard]] const code_location& site() const noexcept { return site_; }

 private:
  std::string own_;  // libpqxx 6 takes a std::string only
  const std::string* text_;
  code_location site_;
};

namespace detail {

struct statement_failure {
  querytap::outcome outcome;
  bool waited_for_lock = false;
};

/// How a statement ended, by the exception that is being handled.
[[nodiscard]] statement_failure failure_of_current_exception() noexcept;

/// A value that libpqxx takes, but does not show: pqxx::params, or a sequence that can be read only once.
struct unreadable_value {};

template <class T>
inline constexpr bool is_dynamic_params = false;
template <class... Arguments>
inline constexpr bool is_dynamic_params<pqxx::internal::dynamic_params<Arguments...>> = true;

/// pqxx::binarystring, and the sequences of std::byte of libpqxx 7.
template <class T>
concept byte_sequence = requires(const T& value) {
  value.size();
  requires sizeof(*value.data()) == 1;
};

#if PQXX_VERSION_MAJOR < 7
template <class T>
concept convertible_value = requires(const T& value) {
  pqxx::string_traits<T>::to_string(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::string_traits<T>::is_null(value);
}
#else
template <class T>
concept convertible_value = !std::same_as<T, pqxx::params> && requires(const T& value) {
  pqxx::string_traits<T>::size_buffer(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::is_null(value);
}
#endif

/// Calls `visit` with a value of any type that libpqxx takes, as a number, a text, bytes, nullptr or an
/// unreadable_value; with each of the values, if there are several.
template <class T, class Visit>
void visit_value(const T& value, const Visit& visit) {
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::nullptr_t>) {
    visit(value);
  } else if constexpr (std::is_convertible_v<const T&, const char*>) {
    const char* const text = value;
    text == nullptr ? visit(nullptr) : visit(std::string_view{text});
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    visit(std::string_view{value});
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    value.has_value() ? visit_value(*value, visit) : visit(nullptr);
  } else if constexpr (byte_sequence<T>) {
    visit(std::as_bytes(std::span{value.data(), static_cast<std::size_t>(value.size())}));
  } else if constexpr (is_dynamic_params<T> && std::forward_iterator<decltype(value.begin())>) {
    for (const auto& element : value) visit_value(element, visit);
  } else if constexpr (convertible_value<T>) {
    is_null_value(value) ? visit(nullptr) : visit(std::string_view{pqxx::to_string(value)});
  } else {
    visit(unreadable_value{});
  }
}

/// One call as it is sent: its statement, its line, and the hash and description of its values. The
/// values themselves are not stored.
class sent_call {
 public:
  /// A call that no request compares with its earlier ones: BEGIN, COMMIT.
  sent_call(const querytap::statement& statement, const code_location& site,
            phase phase = phase::execute) noexcept
      : statement_{statement}, site_{site}, phase_{phase} {}

  /// Hashes text and values only where a request or a description will use the hash.
  template <class... Values>
  sent_call(const querytap::statement& statement, bool describes, const located_text& text,
            const Values&... values)
      : statement_{statement}, site_{text.site()} {
    if (!describes && querytap::detail::current_ledger == nullptr) return;
    parameter_digest digest;
    digest.add(std::string_view{text.text()});
    bool is_complete = true;
    [[maybe_unused]] const auto add = [&]<class Value>(const Value& value) {
      if constexpr (std::same_as<Value, unreadable_value>) {
        is_complete = false;
        if (describes) description_.add_unknown();
      } else {
        digest.add(value);
        if (describes) description_.add(value);
      }
    };
    (visit_value(values, add), ...);
    // Calls that differ in what cannot be read would pass for repetitions.
    if (is_complete) hash_ = digest.hash();
  }

  /// Times `execute`, counts the rows that it returns, and passes its result or exception on.
  template <class Execute>
  auto measure(Execute execute) const {
    operation timing{statement_, phase_, site_};
    if (hash_) timing.parameters(*hash_);
    try {
      if constexpr (std::same_as<std::invoke_result_t<Execute>, pqxx::result>) {
        pqxx::result rows = execute();
        // A result without columns is that of a command: it affected rows and returned none.
        if (rows.columns() > 0) timing.rows(static_cast<std::uint64_t>(rows.size()));
        finish(timing);
        return rows;
      } else {
        return execute();
      }
    } catch (...) {
      const statement_failure failure = failure_of_current_exception();
      if (failure.waited_for_lock) timing.was(phase::lock_wait);
      timing.fail(failure.outcome);
      finish(timing);
      throw;
    }
  }

 private:
  void finish(operation& timing) const noexcept {
    timing.finish([this](querytap::detail::call_extras& extras) {
      const std::string_view text = description_.text();
      extras.parameters_size =
          static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
    });
  }

  const querytap::statement& statement_;
  code_location site_;
  phase phase_ = phase::execute;
  std::optional<std::uint64_t> hash_;
  parameter_description description_;
};

template <class Native>
class executor;

}  // namespace detail

/// Connects when constructed. Can be neither copied nor moved, like a connection of libpqxx 6: a
/// pool stores pointers.
class connection {
 public:
  connection(recorder& telemetry, const std::string& connection_string,
             const connection_options& options = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// For exec_prepared(). libpqxx 6 sends the statement to the server on its first execution.
  void prepare(const std::string& name, const std::string& sql);

  [[nodiscard]] pqxx::connection& native() noexcept { return native_; }
  /// Of the session on the server, as pg_stat_activity has it; 0 without a connection.
  [[nodiscard]] int server_pid() const noexcept { return native_.backendpid(); }

 private:
  template <class Native>
  friend class detail::executor;
  friend class work;

  [[nodiscard]] detail::sent_call command(std::string_view sql, const code_location& site,
                                          phase phase = phase::execute) const noexcept {
    return {backend_.statement_for(sql), site, phase};
  }
  template <class... Values>
  [[nodiscard]] detail::sent_call call(const located_text& sql, const Values&... values) {
    return {statement_for(sql.text()), describes_parameters(), sql, values...};
  }
  template <class... Values>
  [[nodiscard]] detail::sent_call prepared_call(const located_text& name,
                                                const Values&... values) const {
    return {prepared(name.text()), describes_parameters(), name, values...};
  }
  [[nodiscard]] bool describes_parameters() const noexcept {
    return backend_.options().describe_parameters;
  }
  /// The statement that the text is under the connection's settings of this moment.
  [[nodiscard]] const statement& statement_for(std::string_view sql) noexcept;
  /// The statement that was prepared under this name.
  [[nodiscard]] const statement& prepared(const std::string& name) const;

  pqxx::connection native_;
  backend backend_;
  std::unordered_map<std::string, statement_handle> prepared_;
};

namespace detail {

/// The calls that every kind of transaction offers.
template <class Native>
class executor {
 public:
  executor(const executor&) = delete;
  executor& operator=(const executor&) = delete;

  pqxx::result exec(const located_text& sql) {
    return db_.call(sql).measure([&] { return native_.exec(sql.text()); });
  }

  template <class... Values>
  pqxx::result exec_params(const located_text& sql, Values&&... values) {
    return db_.call(sql, values...).measure([&] {
      return native_.exec_params(sql.text(), std::forward<Values>(values)...);
    });
  }

  template <class... Values>
  pqxx::result exec_prepared(const located_text& name, Values&&... values) {
    return db_.prepared_call(name, values...).measure([&] {
      return native_.exec_prepared(name.text(), std::forward<Values>(values)...);
    });
  }

  [[nodiscard]] Native& native() noexcept { return native_; }

 protected:
  template <class Begin>
  executor(connection& db, Begin begin) : db_{db}, native_{begin()} {}
  ~executor() = default;

  connection& db_;
  Native native_;
};

}  // namespace detail

/// A transaction: BEGIN when constructed, ROLLBACK at the end of its scope unless committed.
class work : public detail::executor<pqxx::work> {
 public:
  explicit work(connection& db, const code_location& site = code_location::current());
  ~work();

  /// libpqxx 6 rolls back before the exception of a failing statement arrives here: that ROLLBACK
  /// is part of the statement's time, and not an operation of its own.
  pqxx::result exec(const located_text& sql);
  void commit(const code_location& site = code_location::current());
  void abort(const code_location& site = code_location::current());

 private:
  const code_location site_;
  bool open_ = true;
};

/// No transaction: every statement takes effect immediately.
class nontransaction : public detail::executor<pqxx::nontransaction> {
 public:
  explicit nontransaction(connection& db)
      : executor{db, [&] { return pqxx::nontransaction{db.native()}; }} {}
};

}  // namespace querytap::postgres

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres.hpp>
#endif
