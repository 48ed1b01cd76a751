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

bool is_silent(std::string_view summary) noexcept {
  return summary == "CHECK CONNECTION" || summary == "SHOW STATISTICS" ||
         summary == "RESET CONNECTION";
}

bool session_transaction::is_unchanged_by(const call_end& end) const noexcept {
  const bool is_open = (end.status & SERVER_STATUS_IN_TRANS) != 0;
  return end.number == 0 && is_open == transaction_.is_open();
}

// COMMIT AND CHAIN, and a BEGIN in a transaction, leave the server in another one.
bool session_transaction::ends_open(std::string_view summary, std::string_view text) noexcept {
  if (is_named(summary, "COMMIT")) return true;
  if (is_named(summary, "ROLLBACK")) {
    return text.size() > 5 && is_named(text.substr(text.size() - 5), "CHAIN");
  }
  constexpr std::string_view start = "START TRANSACTION";
  return is_named(text, "BEGIN") || is_named(text, "BEGIN WORK") ||
         is_named(text.substr(0, start.size()), start);
}

void session_transaction::note(const call_end& end, std::string_view summary,
                               const backend& backend, code_location site) noexcept {
  if (end.number != 0) return note_error(end, summary, site);
  // Their answer does not say.
  if (is_silent(summary)) return;
  const bool is_open = (end.status & SERVER_STATUS_IN_TRANS) != 0;
  if (is_open == transaction_.is_open()) return;
  if (is_open) return transaction_.begin(backend, site);
  // Without a COMMIT: a change of the schema commits, and a server that is set to do so has rolled
  // back when it waited too long for a lock.
  const bool is_rollback = is_named(summary, "ROLLBACK") || summary == "SET USER" ||
                           (has_lock_timeout_ && !is_named(summary, "COMMIT"));
  finish(is_rollback ? transaction_end::rolled_back : transaction_end::committed, site);
}

void session_transaction::note_error(const call_end& end, std::string_view summary,
                                     code_location site) noexcept {
  if (!transaction_.is_open()) return;
  has_lock_timeout_ = has_lock_timeout_ || end.number == ER_LOCK_WAIT_TIMEOUT;
  // The server rolls back before it looks at the name of the user.
  const bool has_reset = summary == "SET USER" && is_of_server(end.number);
  if (end.number == ER_LOCK_DEADLOCK || has_reset) return is_rolled_back(site);
  const bool has_lost_connection = is_loss(end.number) && !end.is_of_statement_alone;
  if (has_lost_connection || is_named(summary, "COMMIT")) is_lost(site);
}

}  // namespace querytap::mysql::detail
