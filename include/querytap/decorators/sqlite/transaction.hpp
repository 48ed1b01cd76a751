#pragma once

#include <querytap/decorators/sqlite/connection.hpp>

#include <cstdint>

namespace querytap::sqlite {

/// BEGIN when constructed, COMMIT on commit(), else ROLLBACK at the end of its scope; each is an
/// operation too.
///
///     sqlite::transaction change{db};
///     db.exec("delete from documents where id = 7");
///     change.commit();
///
/// Threads and Errors as for connection. A ROLLBACK at the end of the scope that fails is only recorded.
/// Lifetime the connection outlives it, and is not moved meanwhile.
class transaction {
 public:
  enum class locking : std::uint8_t { deferred, immediate, exclusive };

  explicit transaction(connection& db, locking mode = locking::deferred,
                       code_location site = code_location::current());
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// May be called again if it fails because another connection holds a lock.
  void commit(code_location site = code_location::current());
  /// Earlier than at the end of the scope, where its failure is thrown.
  void rollback(code_location site = code_location::current());

 private:
  connection& db_;
  const code_location site_;
  bool ended_ = false;
};

}  // namespace querytap::sqlite
