// A search of sqlite-vec is counted as a search: how many neighbours it asks for and how many it returns.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/testing/capture.hpp>

#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace querytap;

const std::string searched = "db.collection.name=items db.system.name=sqlite ";

/// Ten items, of two dimensions, in a table of vec0.
struct items_of_vec0 {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};

  items_of_vec0() {
    const std::string library = QUERYTAP_NODE_MODULES "/sqlite-vec-linux-x64/vec0.so";
    if (!std::filesystem::exists(library)) FAIL("install the packages of tests/node");
    sqlite3_enable_load_extension(db.native(), 1);
    REQUIRE(sqlite3_load_extension(db.native(), library.c_str(), nullptr, nullptr) == SQLITE_OK);
    db.exec("create virtual table items using vec0(embedding float[2])");
    for (int i = 0; i < 10; ++i) {
      db.prepare("insert into items(rowid, embedding) values (?, ?)")
          .run(i + 1, '[' + std::to_string(i) + ",0]");
    }
  }

  std::string metric(const std::string& name) {
    return telemetry.text("querytap.retrieval." + name);
  }
};

}  // namespace

TEST_CASE_METHOD(items_of_vec0, "vec0 is asked for k and returns what there is", "[sqlite_vec]") {
  for (const int k : {3, 3, 20}) {
    auto search = db.prepare("select rowid, distance from items where embedding match ? and k = ?");
    search.bind("[2.2,0]", k);
    int rows = 0;
    while (search.step()) ++rows;
    CHECK(rows == (k < 10 ? k : 10));
  }
  const std::string labels = searched + "querytap.strategy=vector ";
  CHECK(metric("asked") == labels + "count=3 sum=26 (2,3]=2 (19,20]=1");
  CHECK(metric("returned") == labels + "count=3 sum=16 (2,3]=2 (9,10]=1");
  CHECK(metric("under_return") ==
        searched + "querytap.reason=unknown querytap.strategy=vector value=1");
  CHECK_THAT(telemetry.text("db.client.response.returned_rows"),
             Catch::Contains("db.query.summary=select items db.system.name=sqlite count=3 sum=16"));
}

TEST_CASE_METHOD(items_of_vec0, "a filter behind the search leaves fewer than k, down to none",
                 "[sqlite_vec]") {
  db.prepare("select rowid from items where embedding match '[0,0]' and k = 5 and rowid + 0 > 8")
      .run();
  CHECK_THAT(metric("asked"), Catch::Contains("count=1 sum=5"));
  CHECK_THAT(metric("returned"), Catch::Contains("count=1 sum=0"));
  CHECK_THAT(metric("empty"), Catch::Contains("value=1"));
  CHECK_THAT(metric("under_return"), Catch::Contains("value=1"));
}

TEST_CASE_METHOD(items_of_vec0, "a search by a distance function is one, too", "[sqlite_vec]") {
  db.exec("create table pages(id integer primary key, embedding blob)");
  db.exec("insert into pages select rowid, embedding from items");
  auto search = db.prepare(
      "select id from pages order by vec_distance_cosine(embedding, vec_f32(?)) limit ?");
  search.bind("[1,1]", 4);
  while (search.step()) continue;
  CHECK_THAT(metric("asked"), Catch::Contains("db.collection.name=pages db.system.name=sqlite "
                                              "querytap.strategy=vector count=1 sum=4"));
}

TEST_CASE_METHOD(items_of_vec0, "what is no search is not counted as one", "[sqlite_vec]") {
  db.prepare("select count(*) from items").run();
  db.prepare("select rowid from items where rowid = ? limit 5").run(3);
  CHECK(metric("asked").empty());
  CHECK(metric("returned").empty());
}
