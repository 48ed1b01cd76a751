#include <querytap/decorators/sqlite/blob.hpp>

#include "connection_calls.hpp"

#include <querytap/decorators/sqlite/c_api.hpp>
#include <querytap/decorators/sqlite/connection.hpp>

#include <limits>
#include <utility>

namespace querytap::sqlite {
namespace {

int narrowed(std::size_t number) noexcept {
  constexpr auto largest = static_cast<std::size_t>(std::numeric_limits<int>::max());
  return number > largest ? -1 : static_cast<int>(number);  // which SQLite refuses
}

}  // namespace

blob::blob(connection& db, const char* table, const char* column, std::int64_t row, access mode,
           const char* schema, code_location site) {
  const int code = open(db, schema, table, column, row, mode == access::write ? 1 : 0, site);
  if (code == SQLITE_OK) return;
  if (state_ == nullptr) throw error{code, "sqlite: the connection is not open"};
  const error reason = detail::error_of(db_, code);
  static_cast<void>(sqlite3_blob_close(std::exchange(handle_, nullptr)));
  throw reason;
}

blob::blob(blob&& other) noexcept { *this = std::move(other); }

blob& blob::operator=(blob&& other) noexcept {
  if (this == &other) return *this;
  static_cast<void>(close_by_code({}));
  handle_ = std::exchange(other.handle_, nullptr);
  db_ = other.db_;
  backend_ = other.backend_;
  state_ = std::move(other.state_);
  place_ = std::move(other.place_);
  return *this;
}

blob::~blob() { static_cast<void>(close_by_code({})); }

int blob::open(const connection& db, const char* schema, const char* table, const char* column,
               std::int64_t row, int flags, code_location site) noexcept {
  db_ = detail::connection_calls::handle_of(db);
  if (detail::connection_calls::state_of(db) == nullptr) return SQLITE_MISUSE;
  if (table == nullptr || column == nullptr) return SQLITE_MISUSE;
  try {
    place_ = std::string{"("} + (schema == nullptr ? "" : std::string{schema} + '.') + table + '.' +
             column + ')';
  } catch (const std::exception&) {
    return SQLITE_NOMEM;
  }
  backend_ = detail::connection_calls::backend_of(db);
  state_ = detail::connection_calls::state_of(db);
  return measure("CALL sqlite3_blob_open", site, [&] {
    return sqlite3_blob_open(db_, schema, table, column, row, flags, &handle_);
  });
}

template <class Call>
int blob::measure(const char* name, code_location site, Call call) const noexcept {
  if (state_ == nullptr) return SQLITE_MISUSE;
  try {
    text_.assign(name).append(place_);
    return detail::measured_call(*backend_, state_, db_, db_, text_, site, call);
  } catch (const std::exception&) {
    return SQLITE_NOMEM;
  }
}

void blob::check(int code) const {
  if (code != SQLITE_OK) throw detail::error_of(db_, code);
}

std::size_t blob::size() const noexcept {
  return handle_ == nullptr ? 0 : static_cast<std::size_t>(sqlite3_blob_bytes(handle_));
}

void blob::read(std::span<std::byte> part, std::size_t offset, code_location site) const {
  check(measure("CALL sqlite3_blob_read", site, [&] {
    return sqlite3_blob_read(handle_, part.data(), narrowed(part.size()), narrowed(offset));
  }));
}

void blob::write(std::span<const std::byte> part, std::size_t offset, code_location site) {
  check(measure("CALL sqlite3_blob_write", site, [&] {
    return sqlite3_blob_write(handle_, part.data(), narrowed(part.size()), narrowed(offset));
  }));
}

void blob::reopen(std::int64_t row, code_location site) {
  check(
      measure("CALL sqlite3_blob_reopen", site, [&] { return sqlite3_blob_reopen(handle_, row); }));
}

void blob::close(code_location site) { check(close_by_code(site)); }

int blob::close_by_code(code_location site) noexcept {
  if (handle_ == nullptr) return SQLITE_OK;
  const int code = measure("CALL sqlite3_blob_close", site,
                           [&] { return sqlite3_blob_close(std::exchange(handle_, nullptr)); });
  state_ = nullptr;
  return code;
}

int c_access::read(const blob& opened, void* into, int size, int offset,
                   code_location site) noexcept {
  return opened.measure("CALL sqlite3_blob_read", site,
                        [&] { return ::sqlite3_blob_read(opened.handle_, into, size, offset); });
}

int c_access::write(blob& opened, const void* data, int size, int offset,
                    code_location site) noexcept {
  return opened.measure("CALL sqlite3_blob_write", site,
                        [&] { return ::sqlite3_blob_write(opened.handle_, data, size, offset); });
}

int c_access::reopen(blob& opened, sqlite3_int64 row, code_location site) noexcept {
  return opened.measure("CALL sqlite3_blob_reopen", site,
                        [&] { return ::sqlite3_blob_reopen(opened.handle_, row); });
}

}  // namespace querytap::sqlite
