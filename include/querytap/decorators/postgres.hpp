#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>

#include <pqxx/pqxx>

#include <concepts>
#include <cstdint>
#include <string>
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

namespace detail {

/// What the exception being handled says about how the statement ended.
[[nodiscard]] outcome outcome_of_current_exception() noexcept;

/// Times `call`, counts the rows that it returns, and lets its result or exception through.
template <class Call>
auto measure(const statement& what, Call call) {
  operation timing{what};
  try {
    if constexpr (std::same_as<std::invoke_result_t<Call>, pqxx::result>) {
      pqxx::result rows = call();
      // Without columns it is a command, and the rows that it affected were not returned.
      if (rows.columns() > 0) timing.rows(static_cast<std::uint64_t>(rows.size()));
      return rows;
    } else {
      return call();
    }
  } catch (...) {
    timing.fail(outcome_of_current_exception());
    throw;
  }
}

}  // namespace detail

/// Connects when constructed. Can be neither copied nor moved, as libpqxx 6: a pool holds pointers.
class connection {
 public:
  connection(recorder& telemetry, const std::string& connection_string);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// For exec_prepared(). libpqxx 6 sends it to the server when it is first executed.
  void prepare(const std::string& name, const std::string& sql);

  [[nodiscard]] pqxx::connection& native() noexcept { return native_; }

  [[nodiscard]] const statement& statement_for(std::string_view sql) const noexcept {
    return backend_.statement_for(sql);
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

  pqxx::result exec(const std::string& sql) {
    return measure(db_.statement_for(sql), [&] { return native_.exec(sql); });
  }

  template <class... Arguments>
  pqxx::result exec_params(const std::string& sql, Arguments&&... arguments) {
    return measure(db_.statement_for(sql),
                   [&] { return native_.exec_params(sql, std::forward<Arguments>(arguments)...); });
  }

  template <class... Arguments>
  pqxx::result exec_prepared(const std::string& name, Arguments&&... arguments) {
    return measure(db_.prepared(name), [&] {
      return native_.exec_prepared(name, std::forward<Arguments>(arguments)...);
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
  explicit work(connection& db);
  ~work();

  /// With libpqxx 6 a statement that fails here has rolled back when its exception arrives: the
  /// ROLLBACK is part of that statement's time, and not an operation of its own.
  pqxx::result exec(const std::string& sql);
  void commit();
  void abort();

 private:
  bool open_ = true;
};

/// No transaction: every statement takes effect at once.
class nontransaction : public detail::executor<pqxx::nontransaction> {
 public:
  explicit nontransaction(connection& db)
      : executor{db, [&] { return pqxx::nontransaction{db.native()}; }} {}
};

}  // namespace querytap::postgres
