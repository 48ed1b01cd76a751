#pragma once

#include <querytap/decorators/sqlite/connection.hpp>

#include <string>
#include <string_view>

namespace querytap::sqlite {

/// SAVEPOINT when constructed, RELEASE on release(), else back to the savepoint at the end of its scope;
/// each is an operation too. Savepoints nest, also with the same name; outside of a transaction one is a
/// transaction.
///
///     sqlite::savepoint attempt{db};
///     db.exec("update documents set body = upper(body)");
///     attempt.release();
///
/// Threads, Errors and Lifetime as for transaction. Savepoints end in the reverse order of their begin.
class savepoint {
 public:
  explicit savepoint(connection& db, std::string_view name = "querytap",
                     code_location site = code_location::current());
  savepoint(const savepoint&) = delete;
  savepoint& operator=(const savepoint&) = delete;
  ~savepoint();

  void release(code_location site = code_location::current());
  /// Undoes what has changed since; the savepoint stays, for another attempt.
  void rollback(code_location site = code_location::current());

 private:
  connection& db_;
  const std::string name_;  // quoted
  const code_location site_;
  bool ended_ = false;
};

}  // namespace querytap::sqlite
