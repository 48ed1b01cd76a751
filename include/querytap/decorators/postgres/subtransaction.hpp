#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <string>

namespace querytap::postgres {

namespace detail {

/// libpqxx 6 sends the SAVEPOINT with the first statement; begun by itself, it is an operation of its own.
class native_subtransaction : public pqxx::subtransaction {
 public:
  native_subtransaction(pqxx::dbtransaction& parent, const std::string& name);

  void begin() { Begin(); }
};

}  // namespace detail

/// A part of a transaction that can fail without the whole: SAVEPOINT before its first statement,
/// RELEASE when committed, ROLLBACK TO at the end of its scope otherwise.
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

  detail::native_subtransaction native_;
};

}  // namespace querytap::postgres
