#pragma once

#include "session.hpp"

#include <querytap/decorators/mysql/connection.hpp>

#include <mysql.h>

#include <memory>

namespace querytap::mysql {

/// A result of the C API; while its rows are still to be read from the server, with the session that
/// they come from.
class result {
 public:
  result(MYSQL_RES* native, detail::session* unread) noexcept
      : native_{native},
        unread_{unread},
        transaction_{unread == nullptr ? nullptr : unread->shared_transaction()} {}

  [[nodiscard]] MYSQL_RES* native() const noexcept { return native_; }
  /// Null where all has been read, and once the session is gone.
  [[nodiscard]] detail::session* unread() const noexcept {
    return unread_ != nullptr && transaction_->has_session() ? unread_ : nullptr;
  }
  void has_ended() noexcept { unread_ = nullptr; }

 private:
  MYSQL_RES* native_;
  detail::session* unread_;
  const std::shared_ptr<detail::session_transaction> transaction_;
};

namespace detail {

/// Null for a null. Without memory the rows are given up, and the connection says so.
[[nodiscard]] result* result_of(MYSQL* handle, MYSQL_RES* rows, session* unread = nullptr) noexcept;

/// A row was read, or there are no more.
void has_fetched(result& result, MYSQL_ROW row) noexcept;
/// Its rows are given up.
void has_freed(session* unread) noexcept;

}  // namespace detail
}  // namespace querytap::mysql
