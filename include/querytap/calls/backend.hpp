#pragma once

#include <querytap/base/backend_kind.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/base/dialect.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/query/quoting.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

struct backend_options {
  /// `db.system.name`: "postgresql", "sqlite", …; of a model `gen_ai.provider.name`: "openai", …; of a
  /// service that is called by HTTP any name. Metrics of our own have it as `db.system.name`.
  std::string system = {};
  /// Of a model and by HTTP the dialect is `named`, whatever it says here: see statement_for().
  backend_kind kind = backend_kind::database;
  std::string database = {};        ///< `db.namespace`; empty: not exported
  std::string server_address = {};  ///< empty: not exported
  std::uint16_t server_port = 0;    ///< 0: the default port, which is not exported
  querytap::dialect dialect = querytap::dialect::postgresql;
  /// A call that takes longer is slow, and gets a report of its own. 0: see slow_multiple. Can be changed
  /// later, and for single statements: see calls/thresholds.hpp.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  /// A call that takes longer than so many times the p99 of its statement is slow too, once the
  /// statement has been called 100 times, and never below 1 ms. 0: switched off. The p99 is that of
  /// the last collection. A call that begins before there is one is reported when it ends; while it
  /// runs, only once it is hung (recorder_options::hung_after).
  double slow_multiple = 0;
  /// Reports of slow calls name the kinds and sizes of their parameters; values never leave the
  /// process.
  bool describe_parameters = false;
  /// The server's settings, where they are the same for all its connections. `columns` must be null.
  quoting quotes = {};
};

/// What a client talks to: the attributes that all its calls share, and its statements.
///
///     const backend documents{recorder, {.system = "sqlite", .dialect = dialect::sqlite}};
///     operation call{documents.statement_for("select 1")};
///
/// Threads  any number at once.
/// Cost     statement_for(): one hash and one comparison of the text when this thread has lately
///          seen the text, else a pass over it; bench/calls/statement_bench.cpp.
/// Errors   configuration_error for options that cannot be used.
/// Lifetime a small value; the recorder must outlive it. Equal options share their statements.
class backend {
 public:
  backend(recorder& recorder, const backend_options& options);

  /// The text is a query in the backend's dialect; of a model an operation and a model (`chat gpt-4o`),
  /// by HTTP a method and a template of paths (`GET /users/{id}`).
  /// Never fails: past a limit, or without memory, the statement that stands for all others.
  [[nodiscard]] const statement& statement_for(std::string_view sql) const noexcept;

  /// The same under the settings of a connection. `ask()` returns these as `quoting`, and is called
  /// only for a text that they may change the meaning of: with a backslash, or, in SQLite and MySQL,
  /// with double quotes.
  template <std::invocable Ask>
  [[nodiscard]] const statement& statement_for(std::string_view sql,
                                               const Ask& ask) const noexcept {
    const statement* const known = plain_statement(sql);
    return known != nullptr ? *known : statement_under(sql, ask());
  }

  /// Records time that is not a statement's own: "connect", "validate", "pool_wait", …
  void record_phase(std::string_view phase, std::chrono::nanoseconds spent) const;

  /// Says which file the calls go to, where the options of several databases are equal: a call that
  /// still runs is known to be of a file if it is the only one.
  void add_file(std::uint64_t number) const noexcept;

  [[nodiscard]] const clock& time() const noexcept;
  [[nodiscard]] const backend_options& options() const noexcept;

 private:
  /// Null where the text depends on settings, or where this thread has not seen it lately.
  [[nodiscard]] const statement* plain_statement(std::string_view sql) const noexcept;
  [[nodiscard]] const statement& statement_under(std::string_view sql,
                                                 const quoting& quotes) const noexcept;

  friend class transaction;

  detail::backend_state* state_;  // a part of the recorder
};

}  // namespace querytap
