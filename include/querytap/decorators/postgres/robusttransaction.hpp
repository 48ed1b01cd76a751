#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>
#include <querytap/decorators/postgres/transaction.hpp>

#include <string>

namespace querytap::postgres {

/// A transaction that finds out whether it was committed when the connection is lost in COMMIT. For that
/// libpqxx 6 has a table in the user's database; what it sends for it is a part of BEGIN and COMMIT.
///
///     postgres::robusttransaction<> tx{db};
template <pqxx::isolation_level Level = pqxx::read_committed>
class robusttransaction : public dbtransaction {
  using native_type = pqxx::robusttransaction<Level>;

 public:
  using isolation_tag = detail::isolation_tag<Level>;

  explicit robusttransaction(connection_base& db, const std::string& name = std::string{},
                             code_location site = code_location::current())
      : dbtransaction{db, site}, native_{this->measure_begin(detail::begin_of(Level, false), [&] {
          return detail::robust<native_type>(db.native(), name);
        })} {
    this->set_begun(native_);
  }
  ~robusttransaction() override { this->end_scope(); }

  [[nodiscard]] native_type& native() noexcept { return native_; }

 private:
  native_type native_;
};

}  // namespace querytap::postgres
