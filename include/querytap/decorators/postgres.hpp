#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>

#include <pqxx/pqxx>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
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
/// Threads  as libpqxx: one thread at a time per connection and its transactions.
/// Cost     two clock reads and one record per statement.
/// Errors   libpqxx' exceptions pass through untouched. Recorded is the SQLSTATE, or where libpqxx
///          has none the exception's name (`broken_connection`). The connection string is given to
///          libpqxx and kept nowhere else.
/// Lifetime the recorder outlives the connection, the connection its transactions.
/// Source   libpqxx 6.4, and 7 by its documentation; OpenTelemetry conventions for PostgreSQL.
///          `db.namespace` is the database connected to: a later SET search_path does not show.
namespace querytap::postgres {

struct connection_options {
  /// When a call is slow, see backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
};

/// The text of a statement, or the name of a prepared one, and the line that it stands on. Where values
/// follow, no argument with a default can.
class located_text {
 public:
  located_text(const char* text, const code_location& where = code_location::current())
      : own_{text}, text_{&own_}, where_{where} {}
  located_text(const std::string& text,
               const code_location& where = code_location::current()) noexcept
      : text_{&text}, where_{where} {}
  located_text(std::string_view text, const code_location& where = code_location::current())
      : own_{text}, text_{&own_}, where_{where} {}
  located_text(const located_text&) = delete;
  located_text& operator=(const located_text&) = delete;

  [[nodiscard]] const std::string& text() const noexcept { return *text_; }
  [[nodiscard]] const code_location& where() const noexcept { return where_; }

 private:
  std::string own_;  // what libpqxx 6 wants is a string
  const std::string* text_;
  code_location where_;
};

namespace detail {

struct failed_call {
  outcome how;
  bool waited_for_lock = false;
};

/// What the exception being handled says about how the statement ended.
[[nodiscard]] failed_call failure_of_current_exception() noexcept;

/// What a call sends besides the text of its statement.
class sent_parameters {
 public:
  /// Notes nothing where neither a request nor a slow call would tell of it.
  sent_parameters(std::string_view text, bool describes)
      : describes_{describes}, notes_{describes || querytap::detail::current_ledger != nullptr} {
    if (notes_) digest_.add(text);
  }

  template <class T>
  void add(const T& value) {
    if (!notes_) return;
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::nullptr_t>) {
      note(value);
    } else if constexpr (std::is_convertible_v<const T&, const char*>) {
      const char* const text = value;
      text == nullptr ? note(nullptr) : note(std::string_view{text});
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      note(std::string_view{value});
    } else if constexpr (requires {
                           value.has_value();
                           *value;
                         }) {
      value.has_value() ? add(*value) : note(nullptr);
    } else {
      note(std::string_view{pqxx::to_string(value)});
    }
  }

  void report(operation& call) const noexcept {
    if (notes_) call.parameters(digest_.hash());
  }
  void describe(querytap::detail::call_extras& to) const noexcept {
    const std::string_view text = description_.text();
    to.parameters_size =
        static_cast<std::uint8_t>(text.copy(to.parameters.data(), to.parameters.size()));
  }

 private:
  template <class T>
  void note(const T& value) {
    digest_.add(value);
    if (describes_) description_.add(value);
  }

  bool describes_;
  bool notes_;
  parameter_digest digest_;
  parameter_description description_;
};

/// How a call to the server is told: its statement, the line, and what it sends.
struct measured {
  const querytap::statement& statement;
  const code_location& site;
  const sent_parameters* sent = nullptr;
  querytap::phase phase = querytap::phase::execute;
};

/// Times `call`, counts the rows that it returns, and lets its result or exception through.
template <class Call>
auto measure(const measured& reported, Call call) {
  operation timing{reported.statement, reported.phase, reported.site};
  if (reported.sent != nullptr) reported.sent->report(timing);
  const auto finish = [&] {
    timing.finish([&](querytap::detail::call_extras& to) {
      if (reported.sent != nullptr) reported.sent->describe(to);
    });
  };
  try {
    if constexpr (std::same_as<std::invoke_result_t<Call>, pqxx::result>) {
      pqxx::result rows = call();
      // Without columns it is a command, and the rows that it affected were not returned.
      if (rows.columns() > 0) timing.rows(static_cast<std::uint64_t>(rows.size()));
      finish();
      return rows;
    } else {
      return call();
    }
  } catch (...) {
    const failed_call how = failure_of_current_exception();
    if (how.waited_for_lock) timing.was(phase::lock_wait);
    timing.fail(how.how);
    finish();
    throw;
  }
}

}  // namespace detail

/// Connects when constructed. Can be neither copied nor moved, as libpqxx 6: a pool holds pointers.
class connection {
 public:
  connection(recorder& telemetry, const std::string& connection_string,
             const connection_options& options = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// For exec_prepared(). libpqxx 6 sends it to the server when it is first executed.
  void prepare(const std::string& name, const std::string& sql);

  [[nodiscard]] pqxx::connection& native() noexcept { return native_; }

  [[nodiscard]] const statement& statement_for(std::string_view sql) const noexcept {
    return backend_.statement_for(sql);
  }
  [[nodiscard]] bool describes_parameters() const noexcept {
    return backend_.options().describe_parameters;
  }
  /// What prepare() was told about this name.
  [[nodiscard]] const statement& prepared(const std::string& name) const;

 private:
  pqxx::connection native_;
  backend backend_;
  std::unordered_map<std::string, statement_handle> prepared_;
};

namespace detail {

/// What every kind of transaction can do.
template <class Native>
class executor {
 public:
  executor(const executor&) = delete;
  executor& operator=(const executor&) = delete;

  pqxx::result exec(const located_text& sql) {
    const sent_parameters sent{sql.text(), false};
    return measure({db_.statement_for(sql.text()), sql.where(), &sent},
                   [&] { return native_.exec(sql.text()); });
  }

  template <class... Arguments>
  pqxx::result exec_params(const located_text& sql, Arguments&&... arguments) {
    const sent_parameters sent = note(sql.text(), arguments...);
    return measure({db_.statement_for(sql.text()), sql.where(), &sent}, [&] {
      return native_.exec_params(sql.text(), std::forward<Arguments>(arguments)...);
    });
  }

  template <class... Arguments>
  pqxx::result exec_prepared(const located_text& name, Arguments&&... arguments) {
    const sent_parameters sent = note(name.text(), arguments...);
    return measure({db_.prepared(name.text()), name.where(), &sent}, [&] {
      return native_.exec_prepared(name.text(), std::forward<Arguments>(arguments)...);
    });
  }

  [[nodiscard]] Native& native() noexcept { return native_; }

 protected:
  template <class Begin>
  executor(connection& db, Begin begin) : db_{db}, native_{begin()} {}
  ~executor() = default;

  template <class... Arguments>
  [[nodiscard]] sent_parameters note(const std::string& text, const Arguments&... arguments) const {
    sent_parameters sent{text, db_.describes_parameters()};
    (sent.add(arguments), ...);
    return sent;
  }

  connection& db_;
  Native native_;
};

}  // namespace detail

/// A transaction: BEGIN when constructed, ROLLBACK at the end of its scope unless committed.
class work : public detail::executor<pqxx::work> {
 public:
  explicit work(connection& db, const code_location& where = code_location::current());
  ~work();

  /// With libpqxx 6 a statement that fails here has rolled back when its exception arrives: the
  /// ROLLBACK is part of that statement's time, and not an operation of its own.
  pqxx::result exec(const located_text& sql);
  void commit(const code_location& where = code_location::current());
  void abort(const code_location& where = code_location::current());

 private:
  const code_location where_;
  bool open_ = true;
};

/// No transaction: every statement takes effect at once.
class nontransaction : public detail::executor<pqxx::nontransaction> {
 public:
  explicit nontransaction(connection& db)
      : executor{db, [&] { return pqxx::nontransaction{db.native()}; }} {}
};

}  // namespace querytap::postgres
