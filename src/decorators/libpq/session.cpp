#include "session.hpp"

#include "../../base/numbers.hpp"
#include "sent_statements.hpp"
#include "server_failure.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>

#include <exception>
#include <utility>

namespace querytap::libpq::detail {
namespace {

std::uint16_t port_for_export(const PGconn* db) noexcept {
  const auto port = querytap::detail::leading_number<std::uint16_t>(text_or_nothing(::PQport(db)));
  return port == database_systems::postgresql.default_port ? std::uint16_t{0} : port;
}

backend_options backend_of_connection(const PGconn* db, const connection_options& options) {
  return {.system = std::string{database_systems::postgresql.name},
          .database = std::string{text_or_nothing(::PQdb(db))},
          .server_address = std::string{text_or_nothing(::PQhost(db))},
          .server_port = port_for_export(db),
          .dialect = dialect::postgresql,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple,
          .describe_parameters = options.describe_parameters};
}

// Whether the server has said that it is ready for the next query. What it has sent is read by libpq,
// but nothing is waited for.
bool is_ready_for_query(PGconn* db) noexcept {
  return ::PQisBusy(db) == 0 && ::PQtransactionStatus(db) != PQTRANS_ACTIVE;
}

// A COMMIT of a transaction that has failed says ROLLBACK.
bool ends_transaction_well(std::string_view command) noexcept {
  return command == "COMMIT" || command == "PREPARE TRANSACTION";
}

constexpr outcome abandoned = outcome::error("abandoned", {}, failure_kind::cancelled);

}  // namespace

bool conclude(const PGconn* db, operation& timing, PGresult* result) noexcept {
  if (is_failure(result)) {
    const server_failure failure = failure_of(db, result);
    if (failure.waited_for_lock) timing.was(phase::lock_wait);
    timing.fail(failure.outcome);
  } else if (::PQresultStatus(result) == PGRES_TUPLES_OK) {
    timing.rows(static_cast<std::uint64_t>(::PQntuples(result)));
  } else if (ends_transaction_well(text_or_nothing(::PQcmdStatus(result)))) {
    timing.was(phase::commit);
    return true;
  }
  return false;
}

session::session(recorder& telemetry, PGconn* db, const connection_options& options)
    : telemetry_{telemetry},
      native_{db},
      options_{options},
      backend_{telemetry, backend_of_connection(db, options)} {}

session::~session() {
  forget_server();
  end_observing(native_, *this);
}

void session::begin_connecting() noexcept { connecting_since_ = backend_.time().ticks(); }

void session::end_connecting(bool is_connected) noexcept {
  if (!connecting_since_) return;
  const clock& time = backend_.time();
  const std::uint64_t spent = time.nanoseconds_between(*connecting_since_, time.ticks());
  connecting_since_.reset();
  try {
    backend_.record_phase("connect", std::chrono::nanoseconds{spent});
  } catch (const std::exception&) {
    // Without memory it goes uncounted.
  }
  if (!is_connected) querytap::detail::current_request_failed(failure_to_connect(native_));
  find_backend();
}

// Of several hosts, the one that was reached; without memory, the one before.
void session::find_backend() noexcept {
  try {
    backend_ = backend{telemetry_, backend_of_connection(native_, options_)};
  } catch (const std::exception&) {
  }
}

void session::forget_server() noexcept {
  abandon_all();
  end_transaction();
  prepared_.clear();
}

void session::end_transaction() noexcept {
  const bool is_lost = ::PQstatus(native_) == CONNECTION_BAD;
  open_.end(is_lost ? transaction_end::lost : transaction_end::rolled_back, code_location{});
}

void session::finish() noexcept {
  forget_server();
  if (owned_ == nullptr) ::PQfinish(native_);  // which tells this observer
  owned_.reset();
  native_ = nullptr;
}

// libpq calls every connection bad that it closes.
void session::is_closed() noexcept {
  abandon_all(false);
  open_.end(transaction_end::rolled_back, code_location{});
  forget_server();
  static_cast<void>(owned_.release());  // closed as a PGconn*, by somebody else
  native_ = nullptr;
}

quoting session::quoting_of_server() const noexcept {
  const std::string_view setting =
      text_or_nothing(::PQparameterStatus(native_, "standard_conforming_strings"));
  if (setting.empty()) return {};
  return {.backslash_escapes = setting == "off"};
}

const statement& session::statement_of(std::string_view sql) noexcept {
  return backend_.statement_for(sql, [this] { return quoting_of_server(); });
}

const statement& session::prepared(const char* name) noexcept {
  const auto found = prepared_.find(text_or_nothing(name));
  // Not found: prepared by SQL, or not at all.
  return found == prepared_.end() ? backend_.statement_for("EXECUTE x") : *found->second.identity;
}

// Its name would make it a statement of its own where names are made up.
const statement& session::preparation_of(std::string_view sql) noexcept {
  try {
    return statement_of("PREPARE x AS " + std::string{sql});
  } catch (const std::exception&) {
    return backend_.statement_for("PREPARE x");
  }
}

prepared_statement session::prepared_by(const statement& statement, std::string_view sql) noexcept {
  prepared_statement prepared{.identity = statement_handle{statement}};
  if (statement.is_search()) prepared.limit = find_search_limit(sql, dialect::postgresql);
  return prepared;
}

noted_values session::note_call(const statement& statement, std::string_view sql,
                                const sent_values& values) const noexcept {
  noted_values noted = note_values(sql, values);
  if (statement.is_search() && !sent_statements{sql, false}.may_be_several())
    noted.search_for(neighbours_asked(find_search_limit(sql, dialect::postgresql), values));
  return noted;
}

noted_values session::note_prepared(const statement& statement, const char* name,
                                    const sent_values& values) const noexcept {
  const std::string_view known_as = text_or_nothing(name);
  noted_values noted = note_values(known_as, values);
  if (!statement.is_search()) return noted;
  const auto found = prepared_.find(known_as);
  if (found != prepared_.end()) noted.search_for(neighbours_asked(found->second.limit, values));
  return noted;
}

prepared_statement session::prepare(std::string_view name,
                                    const prepared_statement& prepared) noexcept {
  const auto found = prepared_.find(name);
  if (found != prepared_.end()) {
    if (prepared.identity) return std::exchange(found->second, prepared);
    prepared_.erase(found);
    return {};
  }
  try {
    if (prepared.identity) prepared_.emplace(name, prepared);
  } catch (const std::exception&) {
    // Without memory its calls count as those of an unknown name.
  }
  return {};
}

const char* session::commented(const char* sql) noexcept {
  if (options_.comment.empty() || sql == nullptr) return sql;
  try {
    return options_.comment.append_to(sql, dialect::postgresql, commented_).data();
  } catch (const std::exception&) {
    return sql;  // no memory
  }
}

void session::note_transaction(bool has_committed, code_location site) noexcept {
  const PGTransactionStatusType status = ::PQtransactionStatus(native_);
  if (status == PQTRANS_ACTIVE) return;
  const bool is_open = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  // COMMIT AND CHAIN begins another one.
  if (!is_open || has_committed) {
    const bool is_lost = status == PQTRANS_UNKNOWN;
    open_.end(is_lost         ? transaction_end::lost
              : has_committed ? transaction_end::committed
                              : transaction_end::rolled_back,
              site);
  }
  if (is_open && !open_.is_open()) open_.begin(backend_, site);
}

void session::discard_results() noexcept {
  if (pending_.empty() || is_in_pipeline()) return;
  for (;;) {
    PGresult* const result = ::PQgetResult(native_);
    note(result);
    if (result == nullptr) break;
    const ExecStatusType status = ::PQresultStatus(result);
    ::PQclear(result);
    // Which libpq itself ends.
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) break;
  }
  abandon_all();
}

pending_call* session::begin_call(const statement& statement, const noted_values& values,
                                  code_location site) noexcept {
  if (is_blind_ && ::PQtransactionStatus(native_) == PQTRANS_ACTIVE) return nullptr;
  is_blind_ = false;
  pending_call* const call = pending_.push();
  if (call == nullptr) {
    lose_sight();
    return nullptr;
  }
  call->site = site;
  call->timing.emplace(statement, site);
  call->timing->of(open_);
  values.begin(*call->timing);
  call->search_for(statement, values.asked());
  try {
    call->parameters = values.description();
  } catch (const std::exception&) {
    // Without memory it is not described.
  }
  return call;
}

pending_call* session::begin_text(std::string_view text, const noted_values& values,
                                  code_location site) noexcept {
  pending_call* call = nullptr;
  const bool may_have_escapes = text.find('\\') != text.npos;
  const bool escapes = may_have_escapes && quoting_of_server().backslash_escapes.value_or(false);
  try {
    bool is_first = true;
    sent_statements{text, escapes}.for_each([&](std::string_view sql) {
      if (std::exchange(is_first, false)) {
        const statement& first = statement_of(sql);
        call = begin_call(first, values, site);
        if (call != nullptr && first.is_search())
          call->search_for(first, find_search_limit(sql, dialect::postgresql).literal);
      } else if (call != nullptr) {
        if (call->further.empty()) call->begin = backend_.time().ticks();
        call->further.emplace_back(statement_of(sql));
      }
    });
  } catch (const std::exception&) {
    // Without memory the others are not followed.
  }
  if (call == nullptr) return nullptr;
  if (!call->further.empty()) {
    call->batch_size = 1 + call->further.size();
    call->search = {};  // it would count the rows of each
  }
  return call;
}

void session::lose_sight() noexcept {
  is_blind_ = true;
  abandon_all();
}

void session::call_was_sent(pending_call* call, bool is_sent) noexcept {
  if (call == nullptr) return;
  if (!is_sent) {
    call->has_failed = true;
    call->timing->fail(failure_of(native_, nullptr).outcome);
    record(*call);
    if (call->prepares) static_cast<void>(prepare(call->name, call->replaced));
    return pending_.pop_back();
  }
  if (is_in_pipeline()) return;
  // libpq takes no call before the last has ended: what is left of that one will not come.
  while (&pending_.front() != call) {
    record(pending_.front());
    pending_.pop_front();
  }
  if (::PQisnonblocking(native_) == 0) all_was_sent();
}

void session::sync_was_sent(code_location site) noexcept {
  if (is_blind_) return;
  note_batch();
  if (pending_call* const sync = pending_.push()) {
    sync->is_sync = true;
    sync->begin = backend_.time().ticks();
    sync->site = site;
    if (::PQisnonblocking(native_) == 0) all_was_sent();
  } else {
    lose_sight();
  }
}

// Two calls at least, from the last sync to this one.
void session::note_batch() noexcept {
  std::uint64_t size = 0;
  pending_.visit_backwards([&size](pending_call& call) { return !call.is_sync && ++size != 0; });
  if (size < 2) return;
  pending_.visit_backwards([size](pending_call& call) {
    if (!call.is_sync) call.batch_size = size;
    return !call.is_sync;
  });
}

void session::begin_copy(operation&& timing, const PGresult* result) noexcept {
  pending_call* const call = pending_.push();
  if (call == nullptr) return;  // without memory it ends here
  call->timing.emplace(std::move(timing));
  call->is_sent = true;
  note_rows(*call, result);
}

void session::all_was_sent() noexcept {
  pending_.visit_backwards([](pending_call& call) {
    if (call.is_sent) return false;
    call.is_sent = true;
    if (call.timing && !call.has_result) call.timing->enter(phase::first_byte);
    return true;
  });
}

void session::note(PGresult* result) noexcept {
  if (pending_.empty()) return;
  if (result == nullptr) return note_no_result();
  if (::PQresultStatus(result) == PGRES_PIPELINE_SYNC) return note_sync();
  pending_call& call = pending_.front();
  if (call.is_sync) return note_failed_sync(call, result);
  if (!call.timing && call.has_further()) begin_next_of(call);
  if (!call.timing) return;  // it has been recorded: a failure that the loss of the connection adds
  if (is_failure(result)) return note_failure(call, result);
  switch (::PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY: return note_completion(call, result);
    default: return note_rows(call, result);
  }
}

void session::note_no_result() noexcept {
  const bool is_lost = ::PQstatus(native_) == CONNECTION_BAD;
  if (is_lost || !is_in_pipeline()) {
    const code_location site = pending_.front().site;
    abandon_all();
    return note_transaction(std::exchange(has_committed_, false), site);
  }
  // Between two queries of a pipeline; or nothing is there yet, before a sync.
  if (pending_.front().is_complete) pending_.pop_front();
}

void session::note_sync() noexcept {
  is_rolled_back_ = false;
  const code_location site = pending_.front().site;
  for (bool is_sync = false; !is_sync && !pending_.empty(); pending_.pop_front()) {
    is_sync = pending_.front().is_sync;
    record(pending_.front());
  }
  note_transaction(std::exchange(has_committed_, false), site);
}

/// Rows that come one by one, or a COPY.
void session::note_rows(pending_call& call, const PGresult* result) noexcept {
  const ExecStatusType status = ::PQresultStatus(result);
  const bool is_first = !std::exchange(call.has_result, true);
  call.copies_out = status == PGRES_COPY_OUT;
  // The application sends the rows of a COPY, for as long as it likes.
  if (is_first) call.timing->enter(status == PGRES_COPY_IN ? phase::execute : phase::fetch);
  if (const int rows = ::PQntuples(result); rows > 0) {
    call.rows += static_cast<std::uint64_t>(rows);
    call.has_rows = true;
  }
}

void session::note_completion(pending_call& call, PGresult* result) noexcept {
  const std::uint64_t rows_before = call.rows;
  has_committed_ = conclude(native_, *call.timing, result) || has_committed_;
  if (::PQresultStatus(result) == PGRES_TUPLES_OK) {
    call.rows = rows_before + static_cast<std::uint64_t>(::PQntuples(result));
    call.has_rows = true;
  } else if (call.copies_out) {
    call.rows =
        querytap::detail::leading_number<std::uint64_t>(text_or_nothing(::PQcmdTuples(result)));
    call.has_rows = true;
  }
  complete(call);
}

// Of several failures the first has the reason: "terminated by an administrator", and then that the
// connection is gone.
void session::note_failure(pending_call& call, const PGresult* result) noexcept {
  if (!std::exchange(call.has_failed, true)) {
    const server_failure failure = failure_of(native_, result);
    if (failure.waited_for_lock) call.timing->was(phase::lock_wait);
    call.timing->fail(failure.outcome);
    if (call.prepares) static_cast<void>(prepare(call.name, call.replaced));
  }
  call.further.clear();
  call.begun = 0;
  is_rolled_back_ = is_in_pipeline();
  complete(call);
}

// Statements of one text are answered together, and were sent together.
void session::begin_next_of(pending_call& call) noexcept {
  const statement_handle next = call.further[call.begun++];
  call.timing.emplace(*next, phase::first_byte, call.site);
  call.timing->began_at(call.begin);
  call.timing->of(open_);
  call.has_result = call.is_complete = call.has_rows = call.copies_out = false;
  call.rows = 0;
}

// The statements did what they should, but their transaction did not: of a constraint that is checked
// last, say.
void session::note_failed_sync(const pending_call& sync, PGresult* result) noexcept {
  if (!is_failure(result) || std::exchange(is_rolled_back_, true)) return;
  operation commit{backend_.statement_for("COMMIT"), phase::commit, sync.site};
  commit.began_at(sync.begin);
  commit.of(open_);
  static_cast<void>(conclude(native_, commit, result));
  commit.finish();
}

void session::complete(pending_call& call) noexcept {
  call.has_result = call.is_complete = true;
  // Else a commit of the server's own follows, which may fail.
  if (is_in_pipeline() || call.has_further()) return record(call);
  if (!is_ready_for_query(native_)) return;
  record(call);
  note_transaction(std::exchange(has_committed_, false), call.site);
}

void session::record(pending_call& call) noexcept {
  if (!call.timing) return;
  if (call.has_rows) call.timing->rows(call.rows);
  if (!call.is_complete && !call.has_failed) call.timing->fail(abandoned);
  if (call.search && call.is_complete && !call.has_failed)
    call.search->searched(call.asked, call.rows);
  noted_values::finish(*call.timing, call.parameters, call.batch_size);
  call.timing.reset();
}

void session::abandon_all() noexcept {
  abandon_all(native_ != nullptr && ::PQstatus(native_) == CONNECTION_BAD);
}

void session::abandon_all(bool is_lost) noexcept {
  for (; !pending_.empty(); pending_.pop_front()) {
    pending_call& call = pending_.front();
    if (call.timing && is_lost && !call.is_complete && !std::exchange(call.has_failed, true)) {
      call.timing->fail(failure_of(native_, nullptr).outcome);
    }
    record(call);
  }
}

}  // namespace querytap::libpq::detail
