#include <querytap/decorators/sqlite/statement.hpp>

#include "sqlite_error.hpp"

#include <querytap/query/nearest_neighbours.hpp>

#include <algorithm>
#include <memory>
#include <utility>

// Where SQLite was compiled without SQLITE_ENABLE_COLUMN_METADATA, it does not have these.
#pragma weak sqlite3_column_database_name
#pragma weak sqlite3_column_table_name
#pragma weak sqlite3_column_origin_name

namespace querytap::sqlite {

namespace {

// SQLite's counters are read so often: rare enough to cost a call nothing.
constexpr std::uint32_t executions_between_counts = 256;

}  // namespace

statement::statement() noexcept = default;

statement::statement(compiled handle, const querytap::statement& identity, std::string_view text,
                     const std::shared_ptr<detail::connection_state>& state,
                     bool describes) noexcept
    : handle_{std::move(handle)},
      identity_{identity},
      parameters_{sqlite3_bind_parameter_count(handle_.get())},
      returns_rows_{sqlite3_column_count(handle_.get()) > 0},
      is_shared_{sqlite3_db_mutex(sqlite3_db_handle(handle_.get())) != nullptr},
      ends_or_begins_{identity.identity().kind == statement_kind::transaction},
      must_look_{ends_or_begins_},
      state_{state},
      describes_{describes} {
  parameter_digest literals;
  literals.add(text);
  text_hash_ = literals.hash();
}

statement::statement(statement&& other) noexcept { *this = std::move(other); }

statement::~statement() {
  end_execution();
  count();
}

statement& statement::operator=(statement&& other) noexcept {
  if (this == &other) return *this;
  end_execution();
  count();
  handle_ = std::move(other.handle_);
  identity_ = std::move(other.identity_);
  parameters_ = other.parameters_;
  returns_rows_ = other.returns_rows_;
  is_shared_ = other.is_shared_;
  is_reset_ = other.is_reset_;
  is_executing_ = std::exchange(other.is_executing_, false);
  ends_or_begins_ = other.ends_or_begins_;
  must_look_ = other.must_look_;
  site_ = other.site_;
  if (is_executing_) std::construct_at(&call_.value, std::move(other.call_.value));
  rows_ = other.rows_;
  state_ = std::move(other.state_);
  waited_ = other.waited_;
  describes_ = other.describes_;
  notes_values_ = other.notes_values_;
  text_hash_ = other.text_hash_;
  notes_ = std::move(other.notes_);
  uncounted_ = other.uncounted_;
  counted_ = other.counted_;
  return *this;
}

void statement::begin_notes() { notes_.begin(text_hash_, describes_); }

void statement::forget_value(int index) noexcept {
  notes_.forget(index);
  notes_values_ = notes_.may_know();
}

void statement::clear_bindings() {
  if (!is_reset_) reset();
  if (handle_ != nullptr) sqlite3_clear_bindings(handle_.get());
  notes_.clear();
  notes_values_ = false;
}

// Reported is the mean over the executions since the counters were last read.
void statement::describe(querytap::detail::call_extras& extras) noexcept {
  // A wait that this call did not measure is found by the next one.
  if (state_ != nullptr) state_->waits.look_for_replacement_if_handed_out();
  const std::uint64_t runs = std::max<std::uint64_t>(std::exchange(uncounted_, 0), 1);
  const statement_counters counted = counted_.take(handle_.get());
  if (state_ != nullptr) state_->metrics.add(counted);
  detail::add_means(extras, counted, runs);
  extras.statement_memory = detail::memory_of(handle_.get());
  if (state_ != nullptr) extras.database_file = state_->waits.file();
  const std::string_view text = notes_.description();
  extras.parameters_size =
      static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
}

void statement::count() noexcept {
  if (std::exchange(uncounted_, 0) == 0 || handle_ == nullptr || state_ == nullptr) return;
  state_->metrics.add(counted_.take(handle_.get()));
}

statement_counters statement::counters() const noexcept {
  return detail::counters_of(handle_.get());
}

void statement::note_parameters() noexcept {
  if (const auto hash = notes_.hash(text_hash_)) call_.value.parameters(*hash);
}

void statement::refuse_empty() {
  throw error{SQLITE_MISUSE, "sqlite: there is no statement to execute"};
}

void statement::begin_execution(code_location site) noexcept {
  rows_ = 0;
  is_reset_ = false;
  if (state_->waits.may_be_replaced()) [[unlikely]]
    state_->waits.restore(sqlite3_db_handle(handle_.get()));
  if (uncounted_ == executions_between_counts) [[unlikely]]
    count();
  ++uncounted_;
  waited_ = {};
  std::construct_at(&call_.value, *identity_, site);
  begin_in_transaction();
  site_ = site;
  if (notes_values_) [[unlikely]]
    note_parameters();
  is_executing_ = true;
}

inline void statement::begin_in_transaction() noexcept {
  sqlite3* const db = sqlite3_db_handle(handle_.get());
  const detail::held_connection held{is_shared_ ? db : nullptr};
  // Ended by functions of SQLite's that are not measured.
  if (state_->open.is_open() && sqlite3_get_autocommit(db) != 0) [[unlikely]]
    state_->open.end(transaction_end::lost, site_);
  call_.value.of(state_->open);
}

// The operation's destructor would count an exception of the application as a failure of the call.
void statement::finish_execution() noexcept {
  is_executing_ = false;
  if (returns_rows_) call_.value.rows(rows_);
  if (identity_->is_search()) [[unlikely]]
    note_search();
  if (waited_.count() != 0) call_.value.spent(phase::lock_wait, waited_);
  if (is_shared_) [[unlikely]]
    return record_under_lock();
  call_.value.finish([this](querytap::detail::call_extras& extras) { describe(extras); });
  if (must_look_) [[unlikely]]
    look_at_transaction();
}

// With the values in the text: whoever bound them, and in whatever way. A search takes long enough that
// the copy makes no difference.
void statement::note_search() noexcept {
  const std::unique_ptr<char, void (*)(void*)> text{sqlite3_expanded_sql(handle_.get()),
                                                    &sqlite3_free};
  if (text == nullptr) return;
  const search_limit limit = find_search_limit(text.get(), dialect::sqlite);
  if (limit.literal) identity_->searched(*limit.literal, rows_);
}

void statement::record_under_lock() noexcept {
  const detail::held_connection held{sqlite3_db_handle(handle_.get())};
  call_.value.finish([this](querytap::detail::call_extras& extras) { describe(extras); });
  if (must_look_) look_at_transaction();
}

void statement::look_at_transaction() noexcept {
  const bool has_failed = std::exchange(has_failed_, false);
  must_look_ = ends_or_begins_;
  state_->look_at_transaction(sqlite3_db_handle(handle_.get()), identity_->identity(), has_failed,
                              site_);
}

int statement::leave_rows() noexcept {
  const int code =
      detail::with_lock_waits(waited_, [this] { return sqlite3_reset(handle_.get()); });
  is_reset_ = true;
  if (code != SQLITE_OK) note_failure(code);
  finish_execution();
  return code;
}

void statement::note_failure(int code) noexcept {
  // Waited for by a busy handler of the application's, or not at all.
  if (detail::is_busy(code) && waited_.count() == 0) call_.value.was(phase::lock_wait);
  call_.value.fail(detail::outcome_of(code));
  must_look_ = has_failed_ = true;
}

void statement::fail_execution(int code) {
  note_failure(code);
  finish_execution();
  sqlite3* const db = sqlite3_db_handle(handle_.get());
  const detail::held_connection held{db};
  // A failed statement holds its locks until it is reset. That makes its error the connection's
  // last one, whatever other threads have called meanwhile.
  sqlite3_reset(handle_.get());
  throw detail::error_of(db, code);
}

int statement::advance(code_location site) noexcept {
  if (handle_ == nullptr) return ::sqlite3_step(nullptr);  // which logs the misuse
  if (!is_executing_) begin_execution(site);
  const int code = detail::with_lock_waits(waited_, [this] { return sqlite3_step(handle_.get()); });
  if (code == SQLITE_ROW) {
    ++rows_;
    return code;
  }
  if (code != SQLITE_DONE) {
    note_failure(detail::extended_code(sqlite3_db_handle(handle_.get()), code));
  }
  finish_execution();
  return code;
}

int statement::rewind() noexcept {
  if (is_executing_) return leave_rows();
  is_reset_ = true;
  return sqlite3_reset(handle_.get());
}

// The error of the execution is what SQLite returns, and what its message is about, once more.
int statement::finalize() noexcept {
  const bool was_executing = is_executing_;
  const int code_of_rows = was_executing ? leave_rows() : SQLITE_OK;
  count();
  const int code = sqlite3_finalize(handle_.release());
  *this = statement{};
  return was_executing ? code_of_rows : code;
}

void statement::refuse_values(std::size_t values) const {
  throw std::invalid_argument{"querytap: the statement takes " + std::to_string(parameters_) +
                              " values, not " + std::to_string(values)};
}

void statement::refuse_call(int code) const {
  throw detail::error_of(sqlite3_db_handle(handle_.get()), code);
}

void statement::refuse_column(int index, int columns) {
  if (columns == 0) throw std::out_of_range{"querytap: there is no row to read a column of"};
  throw std::out_of_range{"querytap: no column " + std::to_string(index) + " in a row of " +
                          std::to_string(columns)};
}

void statement::check_result_column(int index) const {
  const int columns = column_count();
  if (index < 0 || index >= columns) {
    throw std::out_of_range{"querytap: no column " + std::to_string(index) + " among " +
                            std::to_string(columns)};
  }
}

int statement::index_of(const char* name) const {
  const int index = parameter_index(name);
  if (index == 0) {
    throw std::invalid_argument{std::string{"querytap: the statement has no parameter "} + name};
  }
  return index;
}

namespace {

std::string_view text_or_nothing(const char* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

using column_text = const char*(sqlite3_stmt*, int);

std::string_view text_of_column(column_text* function, sqlite3_stmt* handle, int index) noexcept {
  return function == nullptr ? std::string_view{} : text_or_nothing(function(handle, index));
}

}  // namespace

int statement::parameter_index(const char* name) const noexcept {
  return sqlite3_bind_parameter_index(handle_.get(), name);
}

std::string_view statement::parameter_name(int index) const noexcept {
  return text_or_nothing(sqlite3_bind_parameter_name(handle_.get(), index));
}

int statement::column_count() const noexcept { return sqlite3_column_count(handle_.get()); }

std::string_view statement::column_name(int index) const {
  check_result_column(index);
  return text_or_nothing(sqlite3_column_name(handle_.get(), index));
}

int statement::column_index(std::string_view name) const {
  const int columns = column_count();
  for (int i = 0; i < columns; ++i) {
    if (text_or_nothing(sqlite3_column_name(handle_.get(), i)) == name) return i;
  }
  throw std::out_of_range{"querytap: no column '" + std::string{name} + "' among " +
                          std::to_string(columns)};
}

std::string_view statement::column_declared_type(int index) const {
  check_result_column(index);
  return text_or_nothing(sqlite3_column_decltype(handle_.get(), index));
}

std::string_view statement::column_database_name(int index) const {
  check_result_column(index);
  return text_of_column(&sqlite3_column_database_name, handle_.get(), index);
}

std::string_view statement::column_table_name(int index) const {
  check_result_column(index);
  return text_of_column(&sqlite3_column_table_name, handle_.get(), index);
}

std::string_view statement::column_origin_name(int index) const {
  check_result_column(index);
  return text_of_column(&sqlite3_column_origin_name, handle_.get(), index);
}

std::string_view statement::sql() const noexcept {
  return text_or_nothing(sqlite3_sql(handle_.get()));
}

bool statement::is_read_only() const noexcept { return sqlite3_stmt_readonly(handle_.get()) != 0; }

}  // namespace querytap::sqlite
