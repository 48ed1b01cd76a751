#pragma once

#include "session.hpp"
#include "timed_call.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/decorators/mysql/connection.hpp>

#include <mysql.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace querytap::mysql {

/// A prepared statement of the C API, with the operation of its current execution. It outlives its
/// connection's session: nothing of that is touched once the C API has taken the handle away from it.
///
/// Threads  one at a time.
class statement {
 public:
  statement(detail::session& session, MYSQL_STMT* native)
      : session_{session},
        transaction_{session.shared_transaction()},
        native_{native},
        backend_{session.backend()},
        identity_{backend_.statement_for("EXECUTE ?")} {}

  [[nodiscard]] MYSQL_STMT* native() const noexcept { return native_; }

  void begin_prepare(std::string_view sql, code_location site) noexcept;
  void prepared(bool failed) noexcept;
  void begin_execute(code_location site) noexcept;
  /// Prepares and executes in one.
  void begin_direct(std::string_view sql, code_location site) noexcept;
  void executed(bool failed) noexcept;
  void begin_store() noexcept { fetch_begin_ = call_.ticks(); }
  void stored(bool failed) noexcept;
  void begin_fetch() noexcept {
    if (!is_stored_) call_.awaits_row();
  }
  void fetched(int code) noexcept;
  void next_answered(int code) noexcept;
  /// Its rows are given up.
  void end() noexcept;

 private:
  [[nodiscard]] bool has_session() const noexcept {
    return native_->mysql != nullptr && transaction_->has_session();
  }
  [[nodiscard]] bool has_more() const noexcept { return ::mysql_stmt_more_results(native_) != 0; }
  void identify(std::string_view sql) noexcept;
  void begin_call(code_location site, bool has_values) noexcept;
  void note_values() noexcept;
  void finish(bool failed) noexcept;
  void result_over() noexcept;

  detail::session& session_;
  const std::shared_ptr<detail::session_transaction> transaction_;
  MYSQL_STMT* const native_;
  querytap::backend backend_;
  statement_handle identity_;
  std::uint64_t text_hash_ = 0;
  std::uint64_t prepare_begin_ = 0;
  code_location prepare_site_;
  std::uint64_t fetch_begin_ = 0;
  bool is_stored_ = false;
  detail::timed_call call_;
};

}  // namespace querytap::mysql
