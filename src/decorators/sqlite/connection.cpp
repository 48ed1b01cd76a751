#include <querytap/decorators/sqlite/connection.hpp>

#include "../common/connect_timer.hpp"
#include "connection_calls.hpp"
#include "open_database.hpp"
#include "schema_columns.hpp"
#include "sqlite_error.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/decorators/sqlite/cached_statement.hpp>
#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <string_view>

namespace querytap::sqlite {
namespace {

void check_busy_timeout(std::chrono::milliseconds timeout) {
  const auto milliseconds = timeout.count();
  if (milliseconds < 0 || milliseconds > INT_MAX) {
    throw configuration_error{"busy_timeout", std::to_string(milliseconds) + " ms",
                              "expected 0 ms to " + std::to_string(INT_MAX) + " ms"};
  }
}

void check_options(const std::string& path, const connection_options& options) {
  if (path.find('\0') != std::string::npos) {
    throw configuration_error{"path", path.c_str(), "contains a NUL byte"};
  }
  check_busy_timeout(options.busy_timeout);
  if (options.shared_between_threads && (options.flags & SQLITE_OPEN_NOMUTEX) != 0) {
    throw configuration_error{"shared_between_threads", "true",
                              "the flags say SQLITE_OPEN_NOMUTEX"};
  }
}

bool is_shared(const connection_options& options) noexcept {
  return options.shared_between_threads || (options.flags & SQLITE_OPEN_FULLMUTEX) != 0;
}

int flags_of(const connection_options& options) noexcept {
  return options.flags | (is_shared(options) ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX);
}

void check_lock(sqlite3* db, const connection_options& options) {
  if (!is_shared(options) || sqlite3_db_mutex(db) != nullptr) return;
  throw configuration_error{"shared_between_threads", "true",
                            "this SQLite is compiled or configured for one thread"};
}

// PRAGMA busy_timeout acts when it is compiled. Its column has this name; some other column may, too.
bool may_set_busy_timeout(sqlite3_stmt* compiled) noexcept {
  if (compiled == nullptr || sqlite3_column_count(compiled) != 1) return false;
  const char* const name = sqlite3_column_name(compiled, 0);
  return name != nullptr && std::string_view{name} == "timeout";
}

std::optional<outcome> outcome_of_sqlite_exception() noexcept {
  try {
    throw;
  } catch (const error& known) {
    return detail::outcome_of(known.code());
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier sqlite_exceptions{&outcome_of_sqlite_exception};

}  // namespace

connection::connection(recorder& telemetry, const std::string& path, connection_options options)
    : telemetry_{&telemetry},
      options_{std::move(options)},
      handle_{open(telemetry, path, options_)} {
  check_lock(handle_.get(), options_);
  attach_telemetry();
}

connection::connection(recorder& telemetry, connection_options options)
    : telemetry_{&telemetry}, options_{std::move(options)} {}

connection::connection(recorder& telemetry, sqlite3* opened, connection_options options)
    : telemetry_{&telemetry}, options_{std::move(options)} {
  if (opened == nullptr) throw error{SQLITE_MISUSE, "sqlite: there is no connection to take over"};
  check_busy_timeout(options_.busy_timeout);
  handle_.reset(opened);
  sqlite3_extended_result_codes(opened, 1);
  attach_telemetry();
}

connection::connection(connection&&) noexcept = default;

connection& connection::operator=(connection&& other) noexcept {
  if (this == &other) return *this;
  drop_cached();
  leave_handle();
  telemetry_ = other.telemetry_;
  options_ = std::move(other.options_);
  handle_ = std::move(other.handle_);
  state_ = std::move(other.state_);
  backend_ = std::move(other.backend_);
  cache_ = std::move(other.cache_);
  return *this;
}

connection::~connection() {
  drop_cached();
  leave_handle();
}

void connection::leave_handle() const noexcept {
  if (state_ == nullptr || handle_ == nullptr) return;
  if (sqlite3_next_stmt(handle_.get(), nullptr) != nullptr) state_->waits.hand_back(handle_.get());
}

void connection::attach_telemetry() {
  sqlite3* const db = handle_.get();
  backend_.emplace(*telemetry_,
                   detail::backend_options_of(db, options_.slow_threshold, options_.slow_multiple,
                                              options_.describe_parameters));
  state_ = std::make_shared<detail::connection_state>(
      detail::number_of_file(db), *backend_, telemetry_->part<detail::statement_metrics>());
  backend_->add_file(state_->waits.file());
  state_->waits.install(db, options_.busy_timeout);
}

// As SQLite does: also a connection that could not be opened is there to ask for its error. Without
// a timeout, until one is set.
int connection::open_as(const char* path, int flags, const char* vfs) noexcept {
  try {
    const querytap::detail::connect_timer timer{*telemetry_, database_systems::sqlite.name};
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path, &opened, flags, vfs);
    drop_cached();
    cache_ = nullptr;
    leave_handle();
    handle_.reset(opened);
    state_ = nullptr;
    backend_.reset();
    if (code != SQLITE_OK) {
      querytap::detail::current_request_failed(
          detail::outcome_of(detail::extended_code(opened, code)));
      return code;
    }
    options_.busy_timeout = {};
    attach_telemetry();
    return SQLITE_OK;
  } catch (const std::exception&) {
    return SQLITE_NOMEM;
  }
}

int connection::close_by(int (*close)(sqlite3*)) noexcept {
  if (cache_ != nullptr) cache_->clear();
  if (close == &::sqlite3_close_v2) leave_handle();
  const int code = close(handle_.get());
  if (code != SQLITE_OK) return code;
  static_cast<void>(handle_.release());
  drop_cached();
  cache_ = nullptr;
  state_ = nullptr;  // and with it the transaction, unless statements are left
  backend_.reset();
  return code;
}

void connection::set_busy_timeout(std::chrono::milliseconds timeout) {
  check_busy_timeout(timeout);
  check_open();
  state_->waits.install(handle_.get(), timeout);
}

void connection::set_busy_handler(int (*handler)(void*, int), void* context) {
  if (handler == nullptr) return set_busy_timeout({});
  check_open();
  state_->waits.install(handle_.get(), handler, context);
}

std::int64_t connection::changes() const noexcept {
#if SQLITE_VERSION_NUMBER >= 3037000
  return sqlite3_changes64(handle_.get());
#else
  return sqlite3_changes(handle_.get());
#endif
}

std::int64_t connection::total_changes() const noexcept {
#if SQLITE_VERSION_NUMBER >= 3037000
  return sqlite3_total_changes64(handle_.get());
#else
  return sqlite3_total_changes(handle_.get());
#endif
}

connection::database connection::open(recorder& telemetry, const std::string& path,
                                      const connection_options& options) {
  check_options(path, options);
  const querytap::detail::connect_timer timer{telemetry, database_systems::sqlite.name};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags_of(options),
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  database handle{opened};
  if (code != SQLITE_OK) {
    const int extended = sqlite3_extended_errcode(opened);
    querytap::detail::current_request_failed(detail::outcome_of(extended));
    throw detail::error_of(opened, extended);
  }
  sqlite3_extended_result_codes(opened, 1);
  return handle;
}

statement connection::prepare(std::string_view sql, unsigned flags, code_location site) {
  const std::string text = terminated(sql, site);
  const char* rest = text.c_str();
  compiled_text first;
  while (!first.handle && *rest != '\0') first = compile_next(rest, flags, site);
  if (!first.handle) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: no statement in the text to prepare"}, site);
  }
  while (*rest != '\0') {
    if (compile_next(rest, 0, site).handle) {
      refuse(sql, {SQLITE_MISUSE, "sqlite: more than one statement to prepare; use exec()"}, site);
    }
  }
  count(first.cost);
  return statement_of(std::move(first));
}

void connection::exec(std::string_view sql, code_location site) {
  const std::string text = terminated(sql, site);
  for (const char* rest = text.c_str(); *rest != '\0';) {
    compiled_text next = compile_next(rest, 0, site);
    if (!next.handle) continue;
    const compilation cost = next.cost;
    statement ready = statement_of(std::move(next));
    ready.begin_binding(0);
    if (cost.waited.count() == 0) {
      count(cost);
    } else {
      begin_with(cost, ready, site);
    }
    ready.run_bound(site);
  }
}

// The wait is as much a part of the call as one during its execution.
void connection::begin_with(const compilation& cost, statement& ready, code_location site) {
  ready.begin_execution(site);
  ready.call_.value.began_at(cost.begin);
  ready.call_.value.spent(phase::compile, cost.spent);
  ready.waited_ = cost.waited;
}

void connection::count(const compilation& cost) const {
  const auto count_as = [&](phase phase, std::chrono::nanoseconds spent) {
    if (spent.count() <= 0) return;
    backend_->record_phase(to_string(phase), spent);
    if (querytap::detail::current_ledger == nullptr) return;
    querytap::detail::current_ledger->add(database_systems::sqlite.name, phase,
                                          static_cast<std::uint64_t>(spent.count()));
  };
  count_as(phase::compile, cost.spent);
  count_as(phase::lock_wait, cost.waited);
}

void connection::end_compilation(compilation& cost) const noexcept {
  const std::uint64_t spent =
      backend_->time().nanoseconds_between(cost.begin, backend_->time().ticks());
  cost.spent = std::max(std::chrono::nanoseconds{static_cast<std::int64_t>(spent)} - cost.waited,
                        std::chrono::nanoseconds::zero());
}

statement connection::statement_of(compiled_text compiled) const noexcept {
  const querytap::statement& identity =
      detail::compiled_statement(*backend_, handle_.get(), compiled.text);
  return {std::move(compiled.handle), identity, compiled.text, state_,
          backend_->options().describe_parameters};
}

void connection::check_open() const {
  if (!is_open()) throw error{SQLITE_MISUSE, "sqlite: the connection is not open"};
}

std::string connection::terminated(std::string_view sql, code_location site) const {
  check_open();
  const std::size_t nul = sql.find('\0');
  if (nul != std::string_view::npos) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: NUL byte in the SQL text at " + std::to_string(nul)},
           site);
  }
  return std::string{sql};
}

connection::compiled_text connection::compile_next(const char*& sql, unsigned flags,
                                                   code_location site) const {
  if (state_->waits.may_be_replaced()) state_->waits.restore(handle_.get());
  const detail::held_connection held{handle_.get()};  // so that the error is this call's
  compiled_text next = compile(sql, -1, flags, sql);
  if (next.code != SQLITE_OK) {
    const error reason = detail::error_of(handle_.get(), next.code);
    record_refusal(next.text, next.code, site, &next.cost);
    throw reason;
  }
  return next;
}

connection::compiled_text connection::compile(const char* sql, int size, unsigned flags,
                                              const char*& rest) const noexcept {
  sqlite3_stmt* handle = nullptr;
  const char* end = sql;
  compilation cost{.begin = backend_->time().ticks()};
  const int code = detail::with_lock_waits(cost.waited, [&] {
    return sqlite3_prepare_v3(handle_.get(), sql, size, flags, &handle, &end);
  });
  end_compilation(cost);
  if (may_set_busy_timeout(handle)) state_->waits.look_for_replacement();
  rest = end;
  // On a syntax error, `end` is the position up to which SQLite could read.
  const std::string_view text{sql, end == nullptr ? 0 : static_cast<std::size_t>(end - sql)};
  return {statement::compiled{handle}, text, cost, code};
}

void connection::refuse(std::string_view sql, const error& reason, code_location site) const {
  record_refusal(sql, reason.code(), site, nullptr);
  throw reason;
}

// The statement was not executed: the operation is its compilation, or next to nothing.
void connection::record_refusal(std::string_view sql, int code, code_location site,
                                const compilation* cost) const noexcept {
  operation refused{detail::refused_statement(*backend_, handle_.get(), sql), site};
  const detail::held_connection held{handle_.get()};
  refused.of(state_->open);
  if (cost != nullptr) {
    refused.began_at(cost->begin);
    refused.was(detail::is_busy(code) && cost->waited.count() == 0 ? phase::lock_wait
                                                                   : phase::compile);
    refused.spent(phase::lock_wait, cost->waited);
    if (detail::is_busy(code)) state_->waits.look_for_replacement_if_handed_out();
  }
  refused.fail(detail::outcome_of(code));
  refused.finish();
}

connection::checkpoint_result connection::run_checkpoint(checkpoint mode, const char* schema,
                                                         code_location site) {
  check_open();
  checkpoint_result result;
  const detail::held_connection held{handle_.get()};
  const int code = detail::checkpoint(*this, schema, static_cast<int>(mode), &result.log_frames,
                                      &result.checkpointed_frames, site);
  result.was_blocked = detail::is_busy(code);
  if (code != SQLITE_OK && !result.was_blocked) throw detail::error_of(handle_.get(), code);
  return result;
}

int detail::checkpoint(const connection& db, const char* schema, int mode, int* log,
                       int* checkpointed, code_location site) noexcept {
  constexpr std::array<std::string_view, 4> texts{
      "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
      "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
  sqlite3* const handle = connection_calls::handle_of(db);
  const auto number = static_cast<std::size_t>(mode);
  if (number >= texts.size()) {
    return sqlite3_wal_checkpoint_v2(handle, schema, mode, log, checkpointed);
  }
  return measured_call(connection_calls::backend_of(db), connection_calls::state_of(db), handle,
                       handle, texts[number], site, [&] {
                         return sqlite3_wal_checkpoint_v2(handle, schema, mode, log, checkpointed);
                       });
}

}  // namespace querytap::sqlite
