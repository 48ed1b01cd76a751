#include <querytap/decorators/sqlite/transaction.hpp>

namespace querytap::sqlite {
namespace {

const char* begin_statement(transaction::locking mode) noexcept {
  switch (mode) {
    case transaction::locking::deferred: break;
    case transaction::locking::immediate: return "BEGIN IMMEDIATE";
    case transaction::locking::exclusive: return "BEGIN EXCLUSIVE";
  }
  return "BEGIN";
}

}  // namespace

transaction::transaction(connection& db, locking mode, code_location site) : db_{db}, site_{site} {
  db_.exec(begin_statement(mode), site);
}

transaction::~transaction() {
  // After some errors, such as a full disk, SQLite has already rolled back.
  if (ended_ || !db_.is_in_transaction()) return;
  try {
    db_.exec("ROLLBACK", site_);
  } catch (...) {
    // The failure is recorded, and the transaction ends with the connection.
  }
}

void transaction::commit(code_location site) {
  db_.exec("COMMIT", site);
  ended_ = true;
}

void transaction::rollback(code_location site) {
  db_.exec("ROLLBACK", site);
  ended_ = true;
}

}  // namespace querytap::sqlite
