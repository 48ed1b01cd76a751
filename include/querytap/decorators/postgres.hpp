#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/detail/sent_call.hpp>

#include <pqxx/pqxx>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
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

namespace detail {

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

  [[nodiscard]] detail::sent_call command(std::string_view sql, code_location site,
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
  std::map<std::string, statement_handle> prepared_;  // which libpqxx includes, too
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
  explicit work(connection& db, code_location site = code_location::current());
  ~work();

  /// libpqxx 6 rolls back before the exception of a failing statement arrives here: that ROLLBACK
  /// is part of the statement's time, and not an operation of its own.
  pqxx::result exec(const located_text& sql);
  void commit(code_location site = code_location::current());
  void abort(code_location site = code_location::current());

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
