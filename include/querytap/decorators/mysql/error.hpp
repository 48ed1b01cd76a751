#pragma once

#include <querytap/decorators/mysql/connection.hpp>

#include <stdexcept>
#include <string>

namespace querytap::mysql {

/// The last error of a connection or a statement, for applications that throw.
///
///     if (mysql_query(&db, "delete from sessions") != 0) throw mysql::error{&db};
///
/// A request that it ends fails with the number of the error (outcome_of_current_exception()).
///
/// Errors   the message is the server's, which may quote a value: it is not recorded.
class error : public std::runtime_error {
 public:
  explicit error(connection* db);
  explicit error(statement* statement);

  [[nodiscard]] unsigned number() const noexcept { return number_; }
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  unsigned number_;
  std::string sqlstate_;
};

}  // namespace querytap::mysql
