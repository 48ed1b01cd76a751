#include "result.hpp"

#include "session.hpp"

#include <querytap/decorators/mysql/calls.hpp>

#include <errmsg.h>

#include <new>

namespace querytap::mysql {
namespace detail {

result* result_of(MYSQL* handle, MYSQL_RES* rows, session* unread) noexcept {
  if (rows == nullptr) return nullptr;
  auto* const made = new (std::nothrow) result{rows, unread};
  if (made == nullptr) {
    ::mysql_free_result(rows);
    handle->net.last_errno = CR_OUT_OF_MEMORY;
  }
  return made;
}

void has_fetched(result& result, MYSQL_ROW row) noexcept {
  if (row != nullptr) return result.unread()->row_read();
  result.unread()->rows_over();
  result.has_ended();
}

void has_freed(session* unread) noexcept {
  if (unread != nullptr) unread->rows_over();
}

}  // namespace detail

MYSQL_RES* native(const result* result) noexcept {
  return result == nullptr ? nullptr : result->native();
}

result* mysql_store_result(connection* db) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_store();
  MYSQL_RES* const rows = ::mysql_store_result(db->native());
  session.stored(rows);
  return detail::result_of(db->native(), rows);
}

result* mysql_use_result(connection* db) noexcept {
  detail::session& session = detail::session::of(*db);
  MYSQL_RES* const rows = ::mysql_use_result(db->native());
  if (rows != nullptr) session.begin_rows();
  return detail::result_of(db->native(), rows, &session);
}

MYSQL_ROW mysql_fetch_row(result* result) noexcept {
  MYSQL_ROW const row = ::mysql_fetch_row(native(result));
  if (result != nullptr && result->unread() != nullptr) detail::has_fetched(*result, row);
  return row;
}

void mysql_free_result(result* result) noexcept {
  if (result == nullptr) return;
  ::mysql_free_result(result->native());
  detail::has_freed(result->unread());
  delete result;
}

}  // namespace querytap::mysql
