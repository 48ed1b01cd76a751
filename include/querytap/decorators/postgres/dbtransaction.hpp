#pragma once

#include <querytap/decorators/postgres/transaction_base.hpp>

#include <string_view>

namespace querytap::postgres {

/// A transaction that is one on the server too, and may have subtransactions and large objects.
///
///     inline void store(postgres::dbtransaction& tx) { postgres::subtransaction part{tx}; }
class dbtransaction : public transaction_base {
 public:
  [[nodiscard]] pqxx::dbtransaction& native() noexcept {
    return static_cast<pqxx::dbtransaction&>(transaction_base::native());
  }

 protected:
  dbtransaction(connection_base& db, code_location site) noexcept
      : dbtransaction{db, progress::open, "COMMIT", "ROLLBACK", site} {}
  dbtransaction(connection_base& db, progress begun, std::string_view commit,
                std::string_view rollback, code_location site) noexcept
      : transaction_base{db, begun, commit, rollback, site} {}
};

}  // namespace querytap::postgres
