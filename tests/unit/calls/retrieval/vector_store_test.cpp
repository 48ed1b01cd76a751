// A client of any vector store tells of its calls in five ways; its searches have a quality, and results
// that are missing have a reason.

#include <querytap/calls/retrieval/vector_store.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::without;

struct store_fixture {
  explicit store_fixture(vector_store_options options = {.system = "qdrant"})
      : store{telemetry.recorder(), std::move(options)}, pages{store.collection("pages")} {}

  void search_short(std::uint64_t returned, std::uint64_t exact, const filter_shape& filter = {}) {
    auto search = pages.search({.k = 10, .filter = filter});
    search.returned(returned);
    search.explain([&] {
      ++counts;
      return exact;
    });
  }
  std::string metric(std::string_view name) {
    return without(without(telemetry.text(name), "db.system.name=qdrant "),
                   "db.collection.name=pages ");
  }

  capture telemetry;
  vector_store store;
  vector_collection pages;
  int counts = 0;
};

TEST_CASE("each call is an operation of its collection", "[vector_store]") {
  store_fixture fixture;
  fixture.pages.upsert(100).finish();
  fixture.pages.remove(1).finish();
  fixture.pages.count().finish();
  {
    auto get = fixture.pages.get(2);
    get.returned(2);
  }
  auto scroll = fixture.pages.call("scroll");
  scroll.failed(outcome::error("503", "503"));
  scroll.finish();
  fixture.pages.search({.k = 1}).returned(1);
  fixture.pages.search({.k = 1, .filter = {"year", "lang", "year"}, .metric = "cosine"})
      .returned(1);
  CHECK(lines_up_to(" sum=", fixture.metric("db.client.operation.duration")) ==
        "db.query.summary=count pages count=1\ndb.query.summary=delete pages count=1\n"
        "db.query.summary=get pages count=1\n"
        "db.query.summary=query pages by cosine where lang, year count=1\n"
        "db.query.summary=query pages count=1\n"
        "db.query.summary=scroll pages db.response.status_code=503 error.type=503 count=1\n"
        "db.query.summary=upsert pages count=1");
}

TEST_CASE("batches are in the reports of calls", "[vector_store]") {
  store_fixture fixture{{.system = "qdrant", .slow_threshold = 1ms}};
  {
    auto upsert = fixture.pages.upsert(100);
    fixture.telemetry.time().advance(2ms);
  }
  const snapshot snapshot = fixture.telemetry.recorder().collect();
  REQUIRE(snapshot.call_reports.size() == 1);
  CHECK(snapshot.call_reports[0]->batch_size == 100);
}

TEST_CASE("an exception makes a call of a vector store a failure", "[vector_store]") {
  store_fixture fixture;
  CHECK_THROWS([&] {
    const auto search = fixture.pages.search({});
    throw std::runtime_error{"lost"};
  }());
  CHECK_THROWS([&] {
    const auto upsert = fixture.pages.upsert(2);
    throw std::runtime_error{"lost"};
  }());
  CHECK(lines_up_to(" sum=", fixture.metric("db.client.operation.duration")) ==
        "db.query.summary=query pages error.type=_OTHER count=1\n"
        "db.query.summary=upsert pages error.type=_OTHER count=1");
}

TEST_CASE("searches have their quality", "[vector_store]") {
  store_fixture fixture;
  const double distances[] = {0.1, 0.2, 0.4};
  fixture.pages.search({.k = 3}).returned(3, distances);
  CHECK_THAT(fixture.metric("querytap.retrieval.asked"), Catch::StartsWith("count=1 sum=3 "));
  CHECK_THAT(fixture.metric("querytap.retrieval.distance"), Catch::StartsWith("count=3 "));
  CHECK(fixture.metric("querytap.retrieval.under_return") ==
        "querytap.reason=corpus value=0\nquerytap.reason=search_width value=0\n"
        "querytap.reason=threshold value=0\nquerytap.reason=unknown value=0");
}

std::string reasons(store_fixture& fixture) {
  std::string text;
  for (const char* reason : {"corpus", "search_width", "threshold", "unknown"}) {
    const std::string all = fixture.metric("querytap.retrieval.under_return") + '\n';
    const std::string key = std::string{"querytap.reason="} + reason + " value=";
    const std::size_t at = all.find(key);
    if (at == all.npos) continue;
    const std::string count = all.substr(at + key.size(), all.find('\n', at) - at - key.size());
    if (count != "0") text += std::string{reason} + '=' + count + ' ';
  }
  return text;
}

TEST_CASE("where the corpus has no more, nobody has to do anything", "[vector_store]") {
  store_fixture fixture;
  fixture.search_short(3, 3);
  CHECK(reasons(fixture) == "corpus=1 ");
  CHECK(fixture.telemetry.recorder().collect().findings.empty());
}

TEST_CASE("where there is more, a finding names the setting to change", "[vector_store]") {
  store_fixture fixture;
  fixture.pages.search({.k = 10, .filter = {"lang"}}).returned(10);
  fixture.search_short(3, 40, {"lang"});
  CHECK(reasons(fixture) == "search_width=1 ");
  const snapshot snapshot = fixture.telemetry.recorder().collect();
  REQUIRE(snapshot.findings.size() == 1);
  const finding& found = *snapshot.findings[0];
  CHECK(to_string(found.kind) == "under_return");
  CHECK(found.system == "qdrant");
  CHECK(found.table == "pages");
  CHECK(found.statement->text == "query pages where lang");
  CHECK(found.message ==
        "1 of 2 searches of pages so far returned fewer results than they asked for, 3 instead of "
        "10; one that asked for 10 was looked into: 40 records could have been found");
  CHECK_THAT(found.advice, Catch::Contains("hnsw_ef"));
  CHECK_THAT(found.site.file, Catch::Contains("vector_store_test.cpp"));
}

TEST_CASE("each system has its own setting, and a client may name another", "[vector_store]") {
  const auto advice_of = [](vector_store_options options) {
    store_fixture fixture{std::move(options)};
    fixture.search_short(3, 40);
    return fixture.telemetry.recorder().collect().findings.at(0)->advice;
  };
  CHECK_THAT(advice_of({.system = "postgresql"}),
             Catch::Contains("hnsw.iterative_scan") && Catch::Contains("before 0.8.0"));
  CHECK_THAT(advice_of({.system = "chroma"}), Catch::Contains("ef_search"));
  CHECK_THAT(advice_of({.system = "mine", .search_width = "reach"}), Catch::Contains("`reach`"));
  CHECK_THAT(advice_of({.system = "mine"}), Catch::Contains("look further"));
}

TEST_CASE("counts are exact but rare: once for a filter, and again when it is time",
          "[vector_store]") {
  store_fixture fixture;
  for (int i = 0; i < 10; ++i) fixture.search_short(3, 3, {"lang"});
  CHECK(fixture.counts == 1);
  fixture.search_short(3, 3, {"year"});
  CHECK(fixture.counts == 2);
  fixture.telemetry.time().advance(61s);
  for (int i = 0; i < 10; ++i) fixture.search_short(3, 40, {"lang"});
  CHECK(fixture.counts == 3);
  CHECK(reasons(fixture) == "corpus=11 search_width=10 ");
}

TEST_CASE("a count that takes long is paid for by a hundred times as long a pause",
          "[vector_store]") {
  store_fixture fixture;
  auto search = fixture.pages.search({.k = 10});
  search.returned(1);
  search.explain([&] {
    fixture.telemetry.time().advance(10s);
    return 1;
  });
  fixture.telemetry.time().advance(900s);
  fixture.search_short(1, 1);
  CHECK(fixture.counts == 0);
  fixture.telemetry.time().advance(101s);
  fixture.search_short(1, 1);
  CHECK(fixture.counts == 1);
}

TEST_CASE("a count that fails leaves the reason open, and the search as it was", "[vector_store]") {
  store_fixture fixture;
  {
    auto search = fixture.pages.search({.k = 10});
    search.returned(1);
    search.explain([]() -> int { throw std::runtime_error{"no"}; });
  }
  fixture.pages.search({.k = 10, .has_threshold = true}).returned(1);
  CHECK(reasons(fixture) == "threshold=1 unknown=1 ");
  CHECK(fixture.metric("db.client.operation.duration").find("error.type") == std::string::npos);
}

TEST_CASE("searches that return enough are not looked into", "[vector_store]") {
  store_fixture fixture;
  fixture.search_short(10, 40);
  fixture.search_short(11, 40);
  CHECK(fixture.counts == 0);
  CHECK(reasons(fixture).empty());
}

TEST_CASE("shapes of filters are sorted, short, and have each key once", "[vector_store]") {
  const auto shape = [](std::initializer_list<std::string_view> keys) {
    return std::string{filter_shape{keys}.text()};
  };
  CHECK(shape({}).empty());
  CHECK(shape({""}).empty());
  CHECK(shape({"b", "a", "b"}) == "a, b");
  CHECK(shape({"1", "2", "3", "4", "5", "6", "7", "8", "9"}) == "1, 2, 3, 4, 5, 6, 7, 8, …");
  CHECK(shape({"a", std::string(200, 'x')}) == "a, …");
  CHECK(shape({std::string(200, 'x')}) == "…");
}

TEST_CASE("more filters than are known by name have no reason, and count all the same",
          "[vector_store]") {
  store_fixture fixture;
  for (int i = 0; i < 40; ++i) fixture.search_short(1, 1, {std::to_string(i)});
  CHECK(reasons(fixture) == "corpus=32 unknown=8 ");
}

TEST_CASE("threads search a collection at once, and nothing is lost", "[vector_store]") {
  store_fixture fixture;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        auto search = fixture.pages.search({.k = 10, .filter = {j % 2 == 0 ? "a" : "b"}});
        search.returned(3);
        search.explain([] { return 3; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string counted = reasons(fixture);
  CHECK((counted.starts_with("corpus=2000 ") || counted.find("unknown=") != std::string::npos));
  CHECK_THAT(fixture.metric("querytap.retrieval.returned"), Catch::StartsWith("count=2000 "));
}

TEST_CASE("a collection that is opened for each request is one", "[vector_store]") {
  store_fixture fixture;
  int counts = 0;
  for (int request = 0; request < 3; ++request) {
    const vector_collection pages = fixture.store.collection("pages");
    auto search = pages.search({.k = 10});
    search.returned(4);
    search.explain([&] { return ++counts, 4; });
  }
  CHECK(counts == 1);  // the reason is known by then
  CHECK_THAT(fixture.metric("querytap.retrieval.under_return"),
             Catch::StartsWith("querytap.reason=corpus value=3\n"));
}

TEST_CASE("collections that are opened often are not forgotten for others", "[vector_store]") {
  capture telemetry;
  const vector_store store{telemetry.recorder(), {.system = "qdrant"}};
  const auto count_short = [&](const std::string& name) {
    int counts = 0;
    const vector_collection collection = store.collection(name);
    auto search = collection.search({.k = 10});
    search.returned(4);
    search.explain([&] { return ++counts, 4; });
    return counts;
  };
  CHECK(count_short("pages") == 1);
  int counts = 0;
  for (int user = 0; user < 400; ++user) {
    CHECK(count_short("pages") == 0);
    counts += count_short("user " + std::to_string(user));
  }
  CHECK(counts == 255);  // those beyond may be forgotten before they would count again
}

TEST_CASE("stores with other options have collections of their own", "[vector_store]") {
  capture telemetry;
  const auto count_short = [&](const vector_store_options& options) {
    int counts = 0;
    auto search = vector_store{telemetry.recorder(), options}.collection("pages").search({.k = 10});
    search.returned(4);
    search.explain([&] { return ++counts, 4; });
    return counts;
  };
  CHECK(count_short({.system = "qdrant"}) == 1);
  CHECK(count_short({.system = "qdrant", .server_address = "b"}) == 1);
  CHECK(count_short({.system = "qdrant", .server_address = "b"}) == 0);
}

TEST_CASE("a collection for each user does not fill the limit of series", "[vector_store]") {
  capture telemetry{{.series_limit = 40, .retire_idle_after = 0s}};
  const vector_store store{telemetry.recorder(), {.system = "qdrant"}};
  for (int user = 0; user < 200; ++user) {
    std::thread{[&] {  // at whose end its calls are out of reach
      const vector_collection pages = store.collection("user " + std::to_string(user));
      pages.search({.k = 1}).returned(1);
    }}
        .join();
    const std::string exported = telemetry.text("querytap.retrieval.returned");
    INFO(exported);
    REQUIRE(exported.find("user " + std::to_string(user) + ' ') != std::string::npos);
  }
}

TEST_CASE("a collection that is still open keeps its series", "[vector_store]") {
  capture telemetry{{.retire_idle_after = 0s}};
  const vector_store store{telemetry.recorder(), {.system = "qdrant"}};
  const vector_collection pages = store.collection("pages");
  pages.search({.k = 1}).returned(1);
  for (int look = 0; look < 3; ++look) static_cast<void>(telemetry.recorder().collect());
  CHECK_THAT(telemetry.text("querytap.retrieval.returned"),
             Catch::Contains("collection.name=pages"));
}

}  // namespace
