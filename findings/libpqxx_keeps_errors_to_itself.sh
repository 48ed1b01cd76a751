#!/usr/bin/env bash
# libpqxx 6.4.5 (Debian libpqxx-dev 6.4.5-2) with PostgreSQL 15.20
#
# Expected: what the server refuses is thrown, at commit() at the latest; and a program that succeeds
#           leaves no error in the server's log.
# Instead:  after a pipeline whose query failed, complete() and the transaction's commit() return, and
#           nothing is committed: the server has made a ROLLBACK of that COMMIT. Only retrieve()
#           throws, an exception that names another query of the pipeline. (After exec() has thrown,
#           commit() throws.)
#           An icursorstream that lives until after commit() sends its CLOSE then: an ERROR in the
#           server's log for each one, of which the program hears nothing. Each one also begins with a
#           FETCH 0, a round trip for no rows.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 \
  libpqxx-dev=6.4.5-2 libpqxx-6.4=6.4.5-2
start_postgres
server="host=127.0.0.1 port=$postgres_port user=postgres"

say 'a transaction of an INSERT and of a division by zero'
build pipeline -lpqxx <<'CPP'
#include <pqxx/pqxx>

#include <iostream>

const std::string good = "insert into orders values (1)";
const std::string bad = "select 1 / 0";

template <class Action>
void report(const char* what, Action action) {
  std::cout << what << ": ";
  try {
    action();
    std::cout << "returns\n";
  } catch (const pqxx::sql_error& e) {
    std::cout << "sql_error " << e.sqlstate() << " of " << e.query() << '\n';
  } catch (const pqxx::usage_error&) {
    std::cout << "usage_error\n";
  }
}

void count(pqxx::connection& db) {
  pqxx::nontransaction tx{db};
  std::cout << "rows: " << tx.exec1("select count(*) from orders")[0] << '\n';
}

int main(int, char** arguments) {
  pqxx::connection db{arguments[1]};
  pqxx::nontransaction{db}.exec("create table orders (id int)");

  std::cout << "by exec():\n";
  {
    pqxx::work tx{db};
    report("exec", [&] { tx.exec(good); });
    report("exec", [&] { tx.exec(bad); });
    report("commit", [&] { tx.commit(); });
  }
  count(db);

  std::cout << "by a pipeline:\n";
  {
    pqxx::work tx{db};
    {
      pqxx::pipeline batch{tx};
      batch.retain(2);
      batch.insert(good);
      batch.insert(bad);
      report("complete", [&] { batch.complete(); });
    }
    report("commit", [&] { tx.commit(); });
  }
  count(db);

  std::cout << "by a pipeline whose results are looked at:\n";
  pqxx::work tx{db};
  pqxx::pipeline batch{tx};
  batch.retain(2);
  const auto first = batch.insert(good);
  const auto second = batch.insert(bad);
  batch.complete();
  report("retrieve", [&] { batch.retrieve(first); });
  report("retrieve", [&] { batch.retrieve(second); });
}
CPP
show timeout 60 "$folder/pipeline" "$server"

say 'a cursor that lives as long as its transaction, and one that ends before it is committed'
build cursor -lpqxx <<'CPP'
#include <pqxx/pqxx>

#include <iostream>

void read(pqxx::icursorstream& rows) {
  for (pqxx::result block; rows >> block;) std::cout << block.size() << " rows\n";
}

int main(int, char** arguments) {
  pqxx::connection db{arguments[1]};
  {
    pqxx::work tx{db};
    pqxx::icursorstream rows{tx, "select generate_series(1, 3)", "late", 3};
    read(rows);
    tx.commit();
  }
  pqxx::work tx{db};
  {
    pqxx::icursorstream rows{tx, "select generate_series(1, 3)", "early", 3};
    read(rows);
  }
  tx.commit();
}
CPP
show timeout 60 "$folder/cursor" "$server options=-clog_statement=all"

log_of_cursors() {
  sed -n -E -e 's/ +$//' -e 's/^.* LOG:  statement: /    /p' -e 's/^.* (ERROR:  cursor)/    \1/p' \
    "$folder/postgres.log"
}
show log_of_cursors
expect <<'TEXT'
by exec():
exec: returns
exec: sql_error 22012 of select 1 / 0
commit: usage_error
rows: 0
by a pipeline:
complete: returns
commit: returns
rows: 0
by a pipeline whose results are looked at:
retrieve: returns
retrieve: sql_error 22012 of insert into orders values (1)
3 rows
3 rows
    BEGIN
    DECLARE "late_1" NO SCROLL CURSOR FOR select generate_series(1, 3) FOR READ ONLY
    FETCH 0 IN "late_1"
    FETCH 3 IN "late_1"
    FETCH 3 IN "late_1"
    COMMIT
    CLOSE "late_1"
    ERROR:  cursor "late_1" does not exist
    BEGIN
    DECLARE "early_2" NO SCROLL CURSOR FOR select generate_series(1, 3) FOR READ ONLY
    FETCH 0 IN "early_2"
    FETCH 3 IN "early_2"
    FETCH 3 IN "early_2"
    CLOSE "early_2"
    COMMIT
TEXT
