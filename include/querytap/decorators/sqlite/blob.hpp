#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/decorators/sqlite/detail/connection_state.hpp>
#include <querytap/decorators/sqlite/error.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace querytap::sqlite {

class connection;

/// A blob or text of one row that is read and written in parts: sqlite3_blob_open(). Each call is an
/// operation, `CALL sqlite3_blob_read` for one; its text names the table and the column.
///
///     sqlite::blob body{db, "documents", "body", 7};
///     std::vector<std::byte> page(4096);
///     body.read(page, 0);
///
/// Threads  as the connection.
/// Errors   sqlite::error; SQLITE_ABORT once the row has changed by other means, for good.
/// Lifetime of the row as it is. What was written is committed by close() outside of a transaction,
///          which may fail; a destructor only records that. The connection outlives it.
class blob {
 public:
  enum class access : std::uint8_t { read, write };

  /// Not open.
  blob() noexcept = default;
  blob(connection& db, const char* table, const char* column, std::int64_t row,
       access mode = access::read, const char* schema = "main",
       code_location site = code_location::current());
  blob(std::nullptr_t) noexcept {}  // as where a pointer stood
  blob(blob&&) noexcept;
  blob& operator=(blob&& other) noexcept;
  blob& operator=(std::nullptr_t) noexcept { return *this = blob{}; }
  ~blob();

  /// Cannot change: bind a sqlite::zeroblob to make a blob of some size.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Fills `part` from the offset on.
  void read(std::span<std::byte> part, std::size_t offset,
            code_location site = code_location::current()) const;
  void write(std::span<const std::byte> part, std::size_t offset,
             code_location site = code_location::current());
  /// The same column of another row: faster than opening it.
  void reopen(std::int64_t row, code_location site = code_location::current());
  void close(code_location site = code_location::current());

  [[nodiscard]] sqlite3_blob* native() const noexcept { return handle_; }
  operator sqlite3_blob*() const& noexcept { return native(); }
  operator sqlite3_blob*() const&& = delete;

 private:
  friend struct c_access;

  [[nodiscard]] int open(const connection& db, const char* schema, const char* table,
                         const char* column, std::int64_t row, int flags,
                         code_location site) noexcept;
  template <class Call>
  int measure(const char* name, code_location site, Call call) const noexcept;
  void check(int code) const;
  [[nodiscard]] int close_by_code(code_location site) noexcept;

  sqlite3_blob* handle_ = nullptr;
  sqlite3* db_ = nullptr;
  std::optional<backend> backend_;
  std::shared_ptr<detail::connection_state> state_;
  std::string place_;         // schema, table and column, in parentheses
  mutable std::string text_;  // of the call, whose memory the next one uses
};

}  // namespace querytap::sqlite
