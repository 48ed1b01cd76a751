#include <querytap/decorators/sqlite.hpp>

#include "../../base/file_number.hpp"
#include "../../base/unique_id.hpp"
#include "../common/connect_timer.hpp"
#include "schema_columns.hpp"
#include "sqlite_error.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <string_view>

namespace querytap::sqlite {
namespace {

/// Null for a database in memory.
const char* file_of_database(sqlite3* db) {
  const char* const file = sqlite3_db_filename(db, "main");
  return file == nullptr || *file == '\0' ? nullptr : file;
}

// A new file may not be there before something is written.
std::uint64_t number_of_file(sqlite3* db) {
  const char* const file = file_of_database(db);
  return file == nullptr ? querytap::detail::next_unique_id() : querytap::detail::file_number(file);
}

backend_options backend_options_of(sqlite3* db, const connection_options& options) {
  const char* const file = file_of_database(db);
  return {
      .system = std::string{database_systems::sqlite.name},
      .database = file == nullptr ? ":memory:" : std::filesystem::path{file}.filename().string(),
      .dialect = database_systems::sqlite.dialect,
      .slow_threshold = options.slow_threshold,
      .slow_multiple = options.slow_multiple,
      .describe_parameters = options.describe_parameters};
}

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

// That of sqlite3_busy_timeout(); 0 where a busy handler is in place, or nothing.
std::chrono::milliseconds busy_timeout_in_place(sqlite3* db) noexcept {
  sqlite3_stmt* pragma = nullptr;
  sqlite3_prepare_v2(db, "PRAGMA busy_timeout", -1, &pragma, nullptr);
  const bool is_known = pragma != nullptr && sqlite3_step(pragma) == SQLITE_ROW;
  const std::chrono::milliseconds timeout{is_known ? sqlite3_column_int(pragma, 0) : 0};
  sqlite3_finalize(pragma);
  return timeout;
}

// PRAGMA busy_timeout acts when it is compiled. Its column has this name; some other column may, too.
bool may_set_busy_timeout(sqlite3_stmt* compiled) noexcept {
  if (compiled == nullptr || sqlite3_column_count(compiled) != 1) return false;
  const char* const name = sqlite3_column_name(compiled, 0);
  return name != nullptr && std::string_view{name} == "timeout";
}

const char* begin_statement(transaction::locking mode) noexcept {
  switch (mode) {
    case transaction::locking::deferred: break;
    case transaction::locking::immediate: return "BEGIN IMMEDIATE";
    case transaction::locking::exclusive: return "BEGIN EXCLUSIVE";
  }
  return "BEGIN";
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

thread_local constinit std::chrono::nanoseconds detail::current_lock_wait{};

// The delays of SQLite's own busy handler, which does not report how long it waited.
int detail::lock_waits::wait(void* self, int times) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 12> delays{
      milliseconds{1},  milliseconds{2},  milliseconds{5},  milliseconds{10},
      milliseconds{15}, milliseconds{20}, milliseconds{25}, milliseconds{25},
      milliseconds{25}, milliseconds{50}, milliseconds{50}, milliseconds{100}};
  lock_waits& waits = *static_cast<lock_waits*>(self);
  if (times == 0) waits.current_wait_ = {};
  const auto left = load(waits.timeout_) - waits.current_wait_;
  if (left <= std::chrono::nanoseconds::zero()) return 0;
  const auto delay = delays[std::min(static_cast<std::size_t>(times), delays.size() - 1)];
  const auto begin = std::chrono::steady_clock::now();
  sqlite3_sleep(static_cast<int>(
      std::min<milliseconds>(delay, std::chrono::ceil<milliseconds>(left)).count()));
  const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begin;
  waits.current_wait_ += waited;
  current_lock_wait += waited;
  return 1;
}

void detail::lock_waits::install(sqlite3* db, std::chrono::milliseconds timeout) noexcept {
  store(timeout_, timeout);
  sqlite3_busy_handler(db, &wait, this);
}

void detail::lock_waits::restore(sqlite3* db) noexcept {
  store(may_be_replaced_, false);
  const std::chrono::milliseconds replaced_by = busy_timeout_in_place(db);
  if (replaced_by > std::chrono::milliseconds::zero()) install(db, replaced_by);
}

connection::connection(recorder& telemetry, const std::string& path, connection_options options)
    : handle_{open(telemetry, path, options)},
      waits_{std::make_shared<detail::lock_waits>(number_of_file(handle_.get()))},
      backend_{telemetry, backend_options_of(handle_.get(), options)} {
  check_lock(handle_.get(), options);
  backend_.add_file(waits_->file());
  waits_->install(handle_.get(), options.busy_timeout);
}

void connection::set_busy_timeout(std::chrono::milliseconds timeout) {
  check_busy_timeout(timeout);
  waits_->install(handle_.get(), timeout);
}

connection::database connection::open(recorder& telemetry, const std::string& path,
                                      const connection_options& options) {
  check_options(path, options);
  const querytap::detail::connect_timer timer{telemetry, database_systems::sqlite.name};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags_of(options), nullptr);
  database handle{opened};
  if (code != SQLITE_OK) {
    const int extended = sqlite3_extended_errcode(opened);
    querytap::detail::current_request_failed(detail::outcome_of(extended));
    throw detail::error_of(opened, extended);
  }
  sqlite3_extended_result_codes(opened, 1);
  return handle;
}

statement connection::prepare(std::string_view sql, code_location site) {
  const std::string text = terminated(sql, site);
  const char* rest = text.c_str();
  compiled_text first;
  while (!first.handle && *rest != '\0') first = compile_next(rest, site);
  if (!first.handle) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: no statement in the text to prepare"}, site);
  }
  while (*rest != '\0') {
    if (compile_next(rest, site).handle) {
      refuse(sql, {SQLITE_MISUSE, "sqlite: more than one statement to prepare; use exec()"}, site);
    }
  }
  count(first.cost);
  return statement_of(std::move(first));
}

void connection::exec(std::string_view sql, code_location site) {
  const std::string text = terminated(sql, site);
  for (const char* rest = text.c_str(); *rest != '\0';) {
    compiled_text next = compile_next(rest, site);
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
  ready.call_->began_at(cost.begin);
  ready.call_->spent(phase::compile, cost.spent);
  ready.waited_ = cost.waited;
}

void connection::count(const compilation& cost) const {
  const auto count_as = [&](phase phase, std::chrono::nanoseconds spent) {
    if (spent.count() <= 0) return;
    backend_.record_phase(to_string(phase), spent);
    if (querytap::detail::current_ledger == nullptr) return;
    querytap::detail::current_ledger->add(database_systems::sqlite.name, phase,
                                          static_cast<std::uint64_t>(spent.count()));
  };
  count_as(phase::compile, cost.spent);
  count_as(phase::lock_wait, cost.waited);
}

void connection::end_compilation(compilation& cost) const noexcept {
  const std::uint64_t spent =
      backend_.time().nanoseconds_between(cost.begin, backend_.time().ticks());
  cost.spent = std::max(std::chrono::nanoseconds{static_cast<std::int64_t>(spent)} - cost.waited,
                        std::chrono::nanoseconds::zero());
}

statement connection::statement_of(compiled_text compiled) const noexcept {
  const querytap::statement& identity =
      detail::compiled_statement(backend_, handle_.get(), compiled.text);
  return {std::move(compiled.handle), identity, compiled.text, waits_,
          backend_.options().describe_parameters};
}

std::string connection::terminated(std::string_view sql, code_location site) const {
  const std::size_t nul = sql.find('\0');
  if (nul != std::string_view::npos) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: NUL byte in the SQL text at " + std::to_string(nul)},
           site);
  }
  return std::string{sql};
}

connection::compiled_text connection::compile_next(const char*& sql, code_location site) const {
  if (waits_->may_be_replaced()) waits_->restore(handle_.get());
  sqlite3_stmt* handle = nullptr;
  const char* rest = sql;
  compilation cost{.begin = backend_.time().ticks()};
  const detail::held_connection held{handle_.get()};  // so that the error is this call's
  const int code = detail::with_lock_waits(
      cost.waited, [&] { return sqlite3_prepare_v2(handle_.get(), sql, -1, &handle, &rest); });
  end_compilation(cost);
  // On a syntax error, `rest` is the position up to which SQLite could read.
  const std::string_view text{sql, static_cast<std::size_t>(rest - sql)};
  if (code != SQLITE_OK) refuse(text, detail::error_of(handle_.get(), code), site, &cost);
  if (may_set_busy_timeout(handle)) waits_->look_for_replacement();
  sql = rest;
  return {statement::compiled{handle}, text, cost};
}

// The statement was not executed: the operation is its compilation, or next to nothing.
void connection::refuse(std::string_view sql, const error& reason, code_location site,
                        const compilation* cost) const {
  operation refused{detail::refused_statement(backend_, handle_.get(), sql), site};
  if (cost != nullptr) {
    refused.began_at(cost->begin);
    refused.was(detail::is_busy(reason.code()) && cost->waited.count() == 0 ? phase::lock_wait
                                                                            : phase::compile);
    refused.spent(phase::lock_wait, cost->waited);
    if (detail::is_busy(reason.code())) waits_->look_for_replacement_if_handed_out();
  }
  refused.fail(detail::outcome_of(reason.code()));
  refused.finish();
  throw reason;
}

transaction::transaction(connection& db, locking mode, code_location site) : db_{db}, site_{site} {
  db_.exec(begin_statement(mode), site);
}

transaction::~transaction() {
  // After some errors, such as a full disk, SQLite has already rolled back.
  if (committed_ || sqlite3_get_autocommit(db_.handle_.get()) != 0) return;
  try {
    db_.exec("ROLLBACK", site_);
  } catch (...) {
    // The failure is recorded, and the transaction ends with the connection.
  }
}

void transaction::commit(code_location site) {
  db_.exec("COMMIT", site);
  committed_ = true;
}

}  // namespace querytap::sqlite
