#include "session_transaction.hpp"

#include "../../base/ascii.hpp"
#include "mysql_failure.hpp"
#include "timed_call.hpp"

#include <mysql.h>
#include <mysqld_error.h>

namespace querytap::mysql::detail {

bool is_named(std::string_view summary, std::string_view name) noexcept {
  return querytap::detail::equal_ignoring_case(summary, name);
}

bool session_transaction::is_unchanged_by(const call_end& end) const noexcept {
  const bool is_open = (end.status & SERVER_STATUS_IN_TRANS) != 0;
  return end.number == 0 && is_open == transaction_.is_open();
}

void session_transaction::note(const call_end& end, std::string_view summary,
                               const backend& backend, code_location site) noexcept {
  if (end.number != 0) return note_error(end, summary, site);
  // Their answer does not say.
  if (summary == "CHECK CONNECTION" || summary == "SHOW STATISTICS") return;
  const bool is_open = (end.status & SERVER_STATUS_IN_TRANS) != 0;
  if (is_open == transaction_.is_open()) return;
  if (is_open) return transaction_.begin(backend, site);
  // Without a COMMIT: a change of the schema commits, and a server that is set to do so has rolled
  // back when a call failed.
  const bool is_rollback =
      is_named(summary, "ROLLBACK") || (has_failed_call_ && !is_named(summary, "COMMIT"));
  finish(is_rollback ? transaction_end::rolled_back : transaction_end::committed, site);
}

void session_transaction::note_error(const call_end& end, std::string_view summary,
                                     code_location site) noexcept {
  if (!transaction_.is_open()) return;
  has_failed_call_ = true;
  if (end.number == ER_LOCK_DEADLOCK) return is_rolled_back(site);
  const bool has_lost_connection = is_loss(end.number) && !end.is_of_statement_alone;
  if (has_lost_connection || is_named(summary, "COMMIT")) is_lost(site);
}

}  // namespace querytap::mysql::detail
