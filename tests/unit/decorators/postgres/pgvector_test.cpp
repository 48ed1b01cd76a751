// A search by pgvector's operators is counted as a search: how many neighbours it asks for and how many it returns.

#include <querytap/decorators/postgres.hpp>
#include <querytap/testing/capture.hpp>
#include <support/pglite_server.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;
using querytap::testing::pglite_server;

}  // namespace

TEST_CASE("pgvector is asked for k, as a literal or a value, and returns what there is",
          "[pgvector]") {
  const pglite_server server{QUERYTAP_NODE_MODULES};
  capture telemetry;
  postgres::connection db{telemetry.recorder(), server.connection_string()};
  postgres::work tx{db};
  tx.exec("create extension vector");
  tx.exec("create table items(id int, embedding vector(2))");
  for (int i = 0; i < 10; ++i) {
    tx.exec_params("insert into items values ($1, $2)", i, '[' + std::to_string(i) + ",1]");
  }
  const auto count = [&](const std::string& sql, auto... values) {
    return tx.exec_params(sql, values...).size();
  };
  CHECK(count("select id from items order by embedding <-> $1 limit 3", "[2,1]") == 3);
  CHECK(count("select id from items order by embedding <=> $1 limit $2", "[2,1]", 20) == 10);
  CHECK(count("select id from items where id > $1 order by embedding <#> $2 limit $3", 100, "[2,1]",
              5) == 0);
  CHECK(count("select id from items order by id limit 2") == 2);
  db.prepare("nearest", "select id from items order by embedding <-> $1 limit $2");
  CHECK(tx.exec_prepared("nearest", "[2,1]", 4).size() == 4);

  const auto exported = [&](const std::string& name) {
    return telemetry.text("querytap.retrieval." + name);
  };
  const std::string labels =
      "db.collection.name=items db.system.name=postgresql querytap.strategy=vector ";
  CHECK(exported("asked") == labels + "count=4 sum=32 (2,3]=1 (3,4]=1 (4,5]=1 (19,20]=1");
  CHECK(exported("returned") == labels + "count=4 sum=17 (0,0]=1 (2,3]=1 (3,4]=1 (9,10]=1");
  CHECK(exported("empty") == labels + "value=1");
  CHECK_THAT(exported("under_return"), Catch::EndsWith("querytap.strategy=vector value=2"));
  tx.commit();
}
