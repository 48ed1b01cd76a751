#include <querytap/decorators/sqlite/savepoint.hpp>

namespace querytap::sqlite {
namespace {

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace

savepoint::savepoint(connection& db, std::string_view name, code_location site)
    : db_{db}, name_{quoted_identifier(name)}, site_{site} {
  db_.exec("SAVEPOINT " + name_, site);
}

savepoint::~savepoint() {
  // A transaction that has ended, by an error for one, took its savepoints with it.
  if (ended_ || !db_.is_in_transaction()) return;
  try {
    db_.exec("ROLLBACK TO " + name_, site_);
    db_.exec("RELEASE " + name_, site_);
  } catch (...) {
    // The failure is recorded; what has changed since ends with the transaction around it.
  }
}

void savepoint::release(code_location site) {
  db_.exec("RELEASE " + name_, site);
  ended_ = true;
}

void savepoint::rollback(code_location site) { db_.exec("ROLLBACK TO " + name_, site); }

}  // namespace querytap::sqlite
