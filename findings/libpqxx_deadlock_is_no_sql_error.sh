#!/usr/bin/env bash
# libpqxx 6.4.5 (Debian libpqxx-dev 6.4.5-2, whose headers say 6.4.4) with PostgreSQL 15.20
#
# Expected: what the server refuses arrives as pqxx::sql_error, with its SQLSTATE.
# Instead:  just those errors that are worth another try are no sql_error and carry no SQLSTATE:
#           serialization_failure (40001), deadlock_detected (40P01), too_many_connections (53300).
#           They derive from pqxx::failure, beside it: `catch (const pqxx::sql_error&)` misses them.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 \
  libpqxx-dev=6.4.5-2 libpqxx-6.4=6.4.5-2
start_postgres

say 'a duplicate key; then an UPDATE at REPEATABLE READ of a row that another session has changed'
build errors -lpqxx <<'CPP'
#include <pqxx/pqxx>

#include <iostream>

template <class Action>
void report(const char* what, Action action) {
  std::cout << what << ": ";
  try {
    action();
    std::cout << "no exception\n";
  } catch (const pqxx::sql_error& e) {
    std::cout << "sql_error, SQLSTATE " << e.sqlstate() << '\n';
  } catch (const pqxx::failure& e) {
    const bool is_serialization = dynamic_cast<const pqxx::serialization_failure*>(&e) != nullptr;
    std::cout << (is_serialization ? "serialization_failure" : "failure") << ", no sql_error: "
              << std::string{e.what()}.substr(0, std::string{e.what()}.find('\n')) << '\n';
  }
}

template <class Exception>
void kin(const char* name) {
  const bool is_one = std::is_base_of_v<pqxx::sql_error, Exception>;
  std::cout << name << (is_one ? " is an" : " is no") << " sql_error\n";
}

int main(int, char** arguments) {
  std::cout << "libpqxx " << PQXX_VERSION << '\n';
  pqxx::connection one{arguments[1]}, other{arguments[1]};
  pqxx::nontransaction at_once{other};
  at_once.exec("create table counters (name text primary key, value int)");
  at_once.exec("insert into counters values ('calls', 0)");

  report("duplicate key", [&] {
    pqxx::work tx{one};
    tx.exec("insert into counters values ('calls', 1)");
  });
  report("concurrent update", [&] {
    pqxx::transaction<pqxx::repeatable_read> tx{one};
    tx.exec("select * from counters");
    at_once.exec("update counters set value = value + 1");
    tx.exec("update counters set value = value + 1");
  });

  kin<pqxx::unique_violation>("unique_violation");
  kin<pqxx::serialization_failure>("serialization_failure");
  kin<pqxx::deadlock_detected>("deadlock_detected");
  kin<pqxx::too_many_connections>("too_many_connections");
}
CPP
show "$folder/errors" "host=127.0.0.1 port=$postgres_port user=postgres"
expect <<'TEXT'
libpqxx 6.4.4
duplicate key: sql_error, SQLSTATE 23505
concurrent update: serialization_failure, no sql_error: ERROR:  could not serialize access due to concurrent update
unique_violation is an sql_error
serialization_failure is no sql_error
deadlock_detected is no sql_error
too_many_connections is no sql_error
TEXT
