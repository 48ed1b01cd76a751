#include <querytap/decorators/postgres/observe.hpp>

namespace querytap::postgres {

observed_transaction::observed_transaction(connection_base& db, pqxx::transaction_base& native,
                                           code_location site)
    : transaction_base{db, progress::autocommit, {}, {}, site} {
  set_native(native);
}

observed_dbtransaction::observed_dbtransaction(connection_base& db, pqxx::dbtransaction& native,
                                               code_location site)
    : dbtransaction{db, site} {
  set_native(native);
}

}  // namespace querytap::postgres
