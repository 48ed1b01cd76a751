#include "sqlite_error.hpp"

#include <algorithm>

namespace querytap::sqlite {

statement::statement(compiled handle, const querytap::statement& identity, std::string_view text,
                     const std::shared_ptr<detail::lock_waits>& waits, bool describes) noexcept
    : handle_{std::move(handle)},
      identity_{identity},
      parameters_{sqlite3_bind_parameter_count(handle_.get())},
      returns_rows_{sqlite3_column_count(handle_.get()) > 0},
      is_shared_{sqlite3_db_mutex(sqlite3_db_handle(handle_.get())) != nullptr},
      waits_{waits},
      describes_{describes} {
  parameter_digest literals;
  literals.add(text);
  text_hash_ = literals.hash();
}

statement::statement(statement&&) noexcept = default;

statement::~statement() { end_execution(); }

statement& statement::operator=(statement&& other) noexcept {
  end_execution();
  handle_ = std::move(other.handle_);
  identity_ = other.identity_;
  parameters_ = other.parameters_;
  returns_rows_ = other.returns_rows_;
  is_shared_ = other.is_shared_;
  is_reset_ = other.is_reset_;
  is_executing_ = other.is_executing_;
  if (is_executing_) call_.emplace(std::move(*other.call_));
  rows_ = other.rows_;
  waits_ = std::move(other.waits_);
  waited_ = other.waited_;
  describes_ = other.describes_;
  notes_values_ = other.notes_values_;
  text_hash_ = other.text_hash_;
  digest_ = other.digest_;
  description_ = std::move(other.description_);
  return *this;
}

void statement::begin_notes() {
  digest_ = {};
  digest_.add(text_hash_);
  if (describes_) description_ = {};
}

// Resetting SQLite's counters before each execution would cost every call: reported is the mean
// over the executions since the last report.
void statement::describe(querytap::detail::call_extras& extras) const noexcept {
  // A wait that this call did not measure is found by the next one.
  if (waits_ != nullptr) waits_->look_for_replacement_if_handed_out();
  const auto take_counter = [&](int counter) {
    return static_cast<std::uint64_t>(sqlite3_stmt_status(handle_.get(), counter, 1));
  };
  const std::uint64_t runs = std::max<std::uint64_t>(take_counter(SQLITE_STMTSTATUS_RUN), 1);
  extras.full_scan_steps = take_counter(SQLITE_STMTSTATUS_FULLSCAN_STEP) / runs;
  extras.sorts = take_counter(SQLITE_STMTSTATUS_SORT) / runs;
  extras.automatic_index_rows = take_counter(SQLITE_STMTSTATUS_AUTOINDEX) / runs;
  if (waits_ != nullptr) extras.database_file = waits_->file();
  const std::string_view text = description_.text();
  extras.parameters_size =
      static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
}

void statement::begin_execution(code_location site) noexcept {
  rows_ = 0;
  is_reset_ = false;
  if (waits_->may_be_replaced()) [[unlikely]]
    waits_->restore(sqlite3_db_handle(handle_.get()));
  waited_ = {};
  call_.emplace(*identity_, site);
  if (notes_values_) call_->parameters(digest_.hash());
  is_executing_ = true;
}

void statement::finish_execution() noexcept {
  is_executing_ = false;
  if (returns_rows_) call_->rows(rows_);
  if (waited_.count() != 0) call_->spent(phase::lock_wait, waited_);
  // The operation's destructor would count an exception of the application as a failure of the
  // call.
  call_->finish([this](querytap::detail::call_extras& extras) { describe(extras); });
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
  if (detail::is_busy(code) && waited_.count() == 0) call_->was(phase::lock_wait);
  call_->fail(detail::outcome_of(code));
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

void statement::refuse_values(std::size_t values) const {
  throw std::invalid_argument{"querytap: the statement takes " + std::to_string(parameters_) +
                              " values, not " + std::to_string(values)};
}

void statement::bind_null(int index) { check_binding(sqlite3_bind_null(handle_.get(), index)); }

void statement::bind_real(int index, double value) {
  check_binding(sqlite3_bind_double(handle_.get(), index, value));
}

// A null pointer would bind NULL, which differs from an empty text.
void statement::bind_text(int index, std::string_view value) {
  const char* const data = value.empty() ? "" : value.data();
  check_binding(
      sqlite3_bind_text64(handle_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void statement::bind_blob(int index, std::span<const std::byte> value) {
  check_binding(value.empty() ? sqlite3_bind_zeroblob(handle_.get(), index, 0)
                              : sqlite3_bind_blob64(handle_.get(), index, value.data(),
                                                    value.size(), SQLITE_TRANSIENT));
}

void statement::refuse_call(int code) const {
  throw detail::error_of(sqlite3_db_handle(handle_.get()), code);
}

void statement::refuse_column(int index, int columns) {
  if (columns == 0) throw std::out_of_range{"querytap: there is no row to read a column of"};
  throw std::out_of_range{"querytap: no column " + std::to_string(index) + " in a row of " +
                          std::to_string(columns)};
}

void statement::refuse_integer(int index) {
  throw std::out_of_range{"querytap: the integer at " + std::to_string(index) + " does not fit"};
}

std::string_view statement::read_shared_text(int index) const {
  const auto* const data = sqlite3_column_text(handle_.get(), index);
  const int size = sqlite3_column_bytes(handle_.get(), index);
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string statement::read(int index, std::type_identity<std::string>) const {
  return std::string{read(index, std::type_identity<std::string_view>{})};
}

std::span<const std::byte> statement::read(int index,
                                           std::type_identity<std::span<const std::byte>>) const {
  const auto* const data = sqlite3_column_blob(handle_.get(), index);
  const int size = sqlite3_column_bytes(handle_.get(), index);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

std::vector<std::byte> statement::read(int index,
                                       std::type_identity<std::vector<std::byte>>) const {
  const auto bytes = read(index, std::type_identity<std::span<const std::byte>>{});
  return {bytes.begin(), bytes.end()};
}

}  // namespace querytap::sqlite
