#pragma once

#include <support/mariadb_server.hpp>

#include <mysql.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace querytap::testing {

/// A connection without a decorator.
struct bare_closer {
  void operator()(MYSQL* handle) const noexcept { ::mysql_close(handle); }
};
using bare_mysql = std::unique_ptr<MYSQL, bare_closer>;

[[nodiscard]] inline bare_mysql connect_bare(const mariadb_server& server,
                                             const char* database = nullptr) {
  bare_mysql handle{::mysql_init(nullptr)};
  if (::mysql_real_connect(handle.get(), "127.0.0.1", "root", "", database,
                           static_cast<unsigned>(server.port()), nullptr,
                           CLIENT_MULTI_STATEMENTS) == nullptr) {
    throw std::runtime_error{::mysql_error(handle.get())};
  }
  return handle;
}

/// Executes, and returns the first column of the last row, if there is one.
inline std::string ask(MYSQL* handle, const std::string& sql) {
  std::string value;
  int code = ::mysql_real_query(handle, sql.data(), sql.size());
  while (code == 0) {
    if (MYSQL_RES* const rows = ::mysql_store_result(handle)) {
      while (MYSQL_ROW const row = ::mysql_fetch_row(rows)) value = row[0] == nullptr ? "" : row[0];
      ::mysql_free_result(rows);
    }
    code = ::mysql_next_result(handle);
  }
  if (::mysql_errno(handle) != 0) throw std::runtime_error{::mysql_error(handle)};
  return value;
}

}  // namespace querytap::testing
