// What is libpq's alone, by its synchronous functions; the promises of every client are in
// conformance_test.cpp.

#include "libpq_fixture.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::libpq_fixture;

}  // namespace

TEST_CASE_METHOD(libpq_fixture, "only the type of the connection is another", "[libpq]") {
  PGresult* const rows = PQexec(db, "select n from generate_series(1, 3) n");
  CHECK(PQresultStatus(rows) == PGRES_TUPLES_OK);
  CHECK(PQntuples(rows) == 3);
  PQclear(rows);
  CHECK(PQserverVersion(db) >= 150000);
  CHECK(db != nullptr);
  CHECK(calls() == "select generate_series count=1");
  CHECK(this->rows() == "select generate_series count=1 sum=3 (2,3]=1");
  PQfinish(db);
  CHECK(db == nullptr);
  CHECK(PQstatus(db) == CONNECTION_BAD);
  CHECK(PQexec(db, "select 1") == nullptr);
}
