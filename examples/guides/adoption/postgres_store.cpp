// The document store of the guide on PostgreSQL. Compiled and not run: it needs a server.

#include <querytap/decorators/postgres.hpp>
#include <querytap/querytap.hpp>

#include <string>

// [readme]
class postgres_store {
 public:
  postgres_store(querytap::recorder& recorder, const std::string& address)
      : db_{recorder, address} {}

  void add(const std::string& body) {
    querytap::postgres::work tx{db_};  // was: pqxx::work
    tx.exec_params("insert into documents(body) values ($1)", body);
    tx.commit();
  }

  pqxx::connection& native() { return db_.native(); }

 private:
  querytap::postgres::connection db_;  // was: pqxx::connection
};
// [/readme]
