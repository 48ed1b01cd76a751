#include <querytap/decorators/postgres/observe.hpp>

namespace querytap::postgres {
namespace {

bool is_part(const pqxx::transaction_base& native) noexcept {
  return dynamic_cast<const pqxx::subtransaction*>(&native) != nullptr;
}
std::string_view commit_of(const pqxx::transaction_base& native) noexcept {
  return is_part(native) ? "RELEASE SAVEPOINT s" : "COMMIT";
}
std::string_view rollback_of(const pqxx::transaction_base& native) noexcept {
  return is_part(native) ? "ROLLBACK TO SAVEPOINT s" : "ROLLBACK";
}

}  // namespace

observed_transaction::observed_transaction(connection_base& db, pqxx::transaction_base& native,
                                           code_location site)
    : transaction_base{db,
                       dynamic_cast<pqxx::dbtransaction*>(&native) == nullptr ? progress::autocommit
                                                                              : progress::open,
                       commit_of(native), rollback_of(native), site} {
  set_native(native);
}

observed_dbtransaction::observed_dbtransaction(connection_base& db, pqxx::dbtransaction& native,
                                               code_location site)
    : dbtransaction{db, progress::open, commit_of(native), rollback_of(native), site} {
  set_native(native);
}

}  // namespace querytap::postgres
