#include <querytap/decorators/sqlite/backup.hpp>

#include "connection_calls.hpp"

#include <querytap/decorators/sqlite/connection.hpp>

#include <utility>

namespace querytap::sqlite {

backup::backup(connection& target, connection& source, code_location site)
    : backup{target, "main", source, "main", site} {}

backup::backup(connection& target, const char* target_schema, connection& source,
               const char* source_schema, code_location site)
    : backup{detail::connection_calls::handle_of(target),
             target_schema,
             detail::connection_calls::handle_of(source),
             source_schema,
             source,
             site} {
  if (handle_ == nullptr) {
    if (state_ == nullptr) throw error{SQLITE_MISUSE, "sqlite: a connection is not open"};
    throw detail::error_of(target_, sqlite3_extended_errcode(target_));
  }
}

backup::backup(sqlite3* target, const char* target_schema, sqlite3* source,
               const char* source_schema, const connection& measured, code_location site) noexcept
    : target_{target} {
  if (target == nullptr || source == nullptr) return;
  if (detail::connection_calls::state_of(measured) == nullptr) return;
  backend_ = detail::connection_calls::backend_of(measured);
  state_ = detail::connection_calls::state_of(measured);
  static_cast<void>(detail::measured_call(
      *backend_, state_, nullptr, target, "CALL sqlite3_backup_init", site, [&] {
        handle_ = sqlite3_backup_init(target, target_schema, source, source_schema);
        return handle_ == nullptr ? sqlite3_errcode(target) : SQLITE_OK;
      }));
}

backup::backup(backup&& other) noexcept { *this = std::move(other); }

backup& backup::operator=(backup&& other) noexcept {
  if (this == &other) return *this;
  static_cast<void>(finish());
  handle_ = std::exchange(other.handle_, nullptr);
  target_ = other.target_;
  backend_ = other.backend_;
  state_ = std::move(other.state_);
  return *this;
}

backup::~backup() { static_cast<void>(finish()); }

// The error is the target's only once the backup is finished.
int backup::advance(int pages, code_location site) noexcept {
  if (handle_ == nullptr) return SQLITE_MISUSE;
  return detail::measured_call(*backend_, state_, nullptr, target_, "CALL sqlite3_backup_step",
                               site, [&] { return sqlite3_backup_step(handle_, pages); });
}

int backup::finish() noexcept {
  return handle_ == nullptr ? SQLITE_OK : sqlite3_backup_finish(std::exchange(handle_, nullptr));
}

backup::progress backup::step(int pages, code_location site) {
  const int code = advance(pages, site);
  switch (code & 0xFF) {
    case SQLITE_OK: return progress::more;
    case SQLITE_DONE: return progress::done;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return progress::locked;
    default: break;
  }
  static_cast<void>(finish());
  throw detail::error_of(target_, code);
}

int backup::remaining_pages() const noexcept { return sqlite3_backup_remaining(handle_); }

int backup::total_pages() const noexcept { return sqlite3_backup_pagecount(handle_); }

}  // namespace querytap::sqlite
