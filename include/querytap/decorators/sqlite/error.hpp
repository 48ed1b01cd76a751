#pragma once

#include <stdexcept>
#include <string>

/// What the objects of SQLite's decorator throw: SQLite's message and its extended result code.
///
///     try {
///       db.exec("insert into documents values (7, 'again')");
///     } catch (const sqlite::error& failure) {
///       if (failure.code() != SQLITE_CONSTRAINT_PRIMARYKEY) throw;
///     }
///
/// The code is the recorded `error.type` as well. The message is not recorded: SQLite's may quote the
/// statement.
namespace querytap::sqlite {

class error : public std::runtime_error {
 public:
  error(int code, const std::string& message) : std::runtime_error{message}, code_{code} {}

  /// The extended result code, such as SQLITE_CONSTRAINT_UNIQUE.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

}  // namespace querytap::sqlite
