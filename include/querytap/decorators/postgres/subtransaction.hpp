#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <string>

namespace querytap::postgres {

/// A part of a transaction that can fail without the whole: SAVEPOINT before its first statement, which
/// libpqxx 7 and 8 send when it is constructed, RELEASE when committed, ROLLBACK TO at the end of its scope otherwise.
///
///     postgres::subtransaction part{tx, "optional"};
///     part.exec("insert into tags values ('new')");
///     part.commit();
class subtransaction : public dbtransaction {
 public:
  explicit subtransaction(dbtransaction& parent, const std::string& name = std::string{},
                          code_location site = code_location::current());
  /// Of another one: not a copy.
  explicit subtransaction(subtransaction& parent, const std::string& name = std::string{},
                          code_location site = code_location::current())
      : subtransaction{static_cast<dbtransaction&>(parent), name, site} {}
  ~subtransaction() override;

  [[nodiscard]] pqxx::subtransaction& native() noexcept { return native_; }

 private:
  void send_begin(code_location site) override;
  [[nodiscard]] detail::native_subtransaction begun(dbtransaction& parent, const std::string& name);

  detail::native_subtransaction native_;
};

}  // namespace querytap::postgres
