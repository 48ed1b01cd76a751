#pragma once

#include <libpq-fe.h>

#include <stdexcept>
#include <string>

namespace querytap::bench {

/// A connection of the bench's own.
class database {
 public:
  explicit database(const std::string& connection) : connection_{PQconnectdb(connection.c_str())} {
    if (PQstatus(connection_) != CONNECTION_OK)
      throw std::runtime_error{PQerrorMessage(connection_)};
  }
  ~database() { PQfinish(connection_); }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  std::string query(const std::string& sql) {
    PGresult* const result = PQexec(connection_, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    const bool is_good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    std::string text = !is_good                 ? PQresultErrorMessage(result)
                       : PQntuples(result) == 0 ? std::string{}
                                                : PQgetvalue(result, 0, 0);
    PQclear(result);
    if (!is_good) throw std::runtime_error{text};
    return text;
  }

 private:
  PGconn* connection_;
};

}  // namespace querytap::bench
