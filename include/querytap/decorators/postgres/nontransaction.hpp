#pragma once

#include <querytap/decorators/postgres/transaction_base.hpp>

#include <string>

namespace querytap::postgres {

/// No transaction: every statement takes effect immediately.
///
///     postgres::nontransaction{db}.exec("vacuum documents");
class nontransaction : public transaction_base {
 public:
  explicit nontransaction(connection_base& db, const std::string& name = std::string{},
                          code_location site = code_location::current())
      : transaction_base{db, progress::autocommit, {}, {}, site}, native_{db.native(), name} {
    set_native(native_);
  }

  [[nodiscard]] pqxx::nontransaction& native() noexcept { return native_; }

 private:
  pqxx::nontransaction native_;
};

}  // namespace querytap::postgres
