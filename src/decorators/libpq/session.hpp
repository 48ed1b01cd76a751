#pragma once

#include "neighbours_asked.hpp"
#include "noted_values.hpp"
#include "pending_calls.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/transaction.hpp>
#include <querytap/decorators/libpq.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace querytap::libpq::detail {

class session;

struct finisher {
  void operator()(PGconn* db) const noexcept { ::PQfinish(db); }
};
using owned_connection = std::unique_ptr<PGconn, finisher>;

[[nodiscard]] inline std::string_view text_or_nothing(const char* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

/// Somebody else closes the connection, and `observer` wants to know.
void begin_observing(PGconn* db, session& observer) noexcept;
void end_observing(PGconn* db, const session& observer) noexcept;

/// A connection's backend, its prepared statements, and its calls that have not ended.
class session {
 public:
  session(recorder& telemetry, PGconn* db, const connection_options& options);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  [[nodiscard]] PGconn* native() const noexcept { return native_; }

  // The connection itself.
  /// Else somebody else closes it.
  void own(owned_connection db) noexcept { owned_ = std::move(db); }
  void begin_connecting() noexcept;
  void end_connecting(bool is_connected) noexcept;
  /// What the server knew of the connection is gone.
  void forget_server() noexcept;
  void finish() noexcept;
  /// Its owner has closed it, or is closing it.
  void is_closed() noexcept;

  // Statements.
  [[nodiscard]] const statement& statement_of(std::string_view sql) noexcept;
  /// The statement that was prepared under this name.
  [[nodiscard]] const statement& prepared(const char* name) noexcept;
  /// What preparing it is counted as.
  [[nodiscard]] const statement& preparation_of(std::string_view sql) noexcept;
  /// Returns what the name stood for before.
  prepared_statement prepare(std::string_view name, const prepared_statement& prepared) noexcept;
  /// `statement`, prepared by this text.
  [[nodiscard]] static prepared_statement prepared_by(const statement& statement,
                                                      std::string_view sql) noexcept;
  [[nodiscard]] noted_values note_values(std::string_view text,
                                         const sent_values& values = {}) const noexcept {
    return {backend_.options().describe_parameters, text, values};
  }
  /// The same for the text of `statement`, and what it searches for: unknown where limit or rows may be those of
  /// another statement in the text.
  [[nodiscard]] noted_values note_call(const statement& statement, std::string_view sql,
                                       const sent_values& values = {}) const noexcept;
  /// The same for what was prepared under this name.
  [[nodiscard]] noted_values note_prepared(const statement& statement, const char* name,
                                           const sent_values& values) const noexcept;
  /// The text with the connection's tags.
  [[nodiscard]] const char* commented(const char* sql) noexcept;

  // Transactions.
  [[nodiscard]] transaction& open_transaction() noexcept { return open_; }
  /// A call has ended: the server says whether a transaction is open, and the call whether it was a
  /// COMMIT that worked.
  void note_transaction(bool has_committed, code_location site) noexcept;

  // Calls that wait for their results.
  /// Reads away what earlier calls have left, as libpq does before a synchronous call.
  void discard_results() noexcept;
  /// A call is about to be sent; null without memory, and then none is followed for a while.
  [[nodiscard]] pending_call* begin_call(const statement& statement, const noted_values& values,
                                         code_location site) noexcept;
  /// The same for a text with any number of statements.
  [[nodiscard]] pending_call* begin_text(std::string_view text, const noted_values& values,
                                         code_location site) noexcept;
  void call_was_sent(pending_call* call, bool is_sent) noexcept;
  void sync_was_sent(code_location site) noexcept;
  /// A synchronous call has begun a COPY, which goes on.
  void begin_copy(operation&& timing, const PGresult* result) noexcept;
  void all_was_sent() noexcept;
  /// What PQgetResult() returned.
  void note(PGresult* result) noexcept;

 private:
  [[nodiscard]] bool is_in_pipeline() const noexcept {
    return ::PQpipelineStatus(native_) != PQ_PIPELINE_OFF;
  }
  [[nodiscard]] quoting quoting_of_server() const noexcept;
  void find_backend() noexcept;
  void end_transaction() noexcept;

  void note_no_result() noexcept;
  void note_sync() noexcept;
  void note_batch() noexcept;
  void note_rows(pending_call& call, const PGresult* result) noexcept;
  void note_failure(pending_call& call, const PGresult* result) noexcept;
  void note_completion(pending_call& call, PGresult* result) noexcept;
  void note_failed_sync(const pending_call& sync, PGresult* result) noexcept;
  void begin_next_of(pending_call& call) noexcept;
  void complete(pending_call& call) noexcept;
  static void record(pending_call& call) noexcept;
  /// Records all calls whose results will not come, and forgets them.
  void abandon_all(bool is_lost) noexcept;
  void abandon_all() noexcept;
  void lose_sight() noexcept;

  recorder& telemetry_;
  PGconn* native_;
  owned_connection owned_;
  const connection_options options_;
  backend backend_;
  std::map<std::string, prepared_statement, std::less<>> prepared_;
  transaction open_;            // outlives the calls in it
  bool has_committed_ = false;  // since note_transaction()
  pending_calls pending_;
  bool is_rolled_back_ = false;  // what a pipeline does up to its next sync
  bool is_blind_ = false;        // results are those of calls that are not followed
  std::string commented_;
  std::optional<std::uint64_t> connecting_since_;  // ticks
};

/// Rows, failure and phase of a call by the result that ended it. True for a COMMIT that worked.
bool conclude(const PGconn* db, operation& timing, PGresult* result) noexcept;

struct access {
  [[nodiscard]] static session* of(const connection& db) noexcept { return db.session_.get(); }
  [[nodiscard]] static connection make(std::unique_ptr<session> session) noexcept {
    return connection{std::move(session)};
  }
};

}  // namespace querytap::libpq::detail
