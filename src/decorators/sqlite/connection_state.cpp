#include <querytap/decorators/sqlite/detail/connection_state.hpp>

#include <querytap/base/statement_identity.hpp>

namespace querytap::sqlite::detail {

// A savepoint outside of a transaction begins one, and some errors end one.
void connection_state::look_at_transaction(sqlite3* db, const statement_identity& identity,
                                           bool failed, code_location site) noexcept {
  const bool is_in_transaction = sqlite3_get_autocommit(db) == 0;
  if (is_in_transaction == open.is_open()) return;
  if (is_in_transaction) return open.begin(backend, site);
  const bool is_rolled_back = failed || sqlite3_stricmp(identity.summary.c_str(), "rollback") == 0;
  open.end(is_rolled_back ? transaction_end::rolled_back : transaction_end::committed, site);
}

}  // namespace querytap::sqlite::detail
