#pragma once

#include <querytap/decorators/postgres.hpp>
#include <support/postgres_server.hpp>

#include <string>

namespace querytap::testing {

inline pqxx::result execute(pqxx::connection& db, const std::string& commands) {
  pqxx::nontransaction session{db};
  return session.exec(commands);
}

inline std::string as_user(const postgres_server& server, const std::string& user,
                           const std::string& database = "postgres") {
  return server.connection_string() + " user=" + user + " dbname=" + database;
}

}  // namespace querytap::testing
