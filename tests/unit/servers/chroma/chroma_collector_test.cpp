// A Chroma server says what collections it has, how many records are in them, and how they are indexed.

#include <servers/chroma/chroma_instruments.hpp>
#include <support/chroma_server.hpp>
#include <support/collected_numbers.hpp>
#include <support/fault_server.hpp>

#include <querytap/base/error.hpp>
#include <querytap/decorators/chroma.hpp>
#include <querytap/servers/chroma/chroma_collector.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::chroma_server;
using querytap::testing::collected_by;
using querytap::testing::collected_text;
using querytap::testing::collected_value;
using querytap::testing::fault_server;
using querytap::testing::faults_of_series;
using querytap::testing::lacking_reason;
using querytap::testing::reply;

}  // namespace

TEST_CASE("every instrument of Chroma has a unit, a description and a name of its own",
          "[chroma-collector]") {
  std::set<std::string_view> names;
  for (const instrument* each : catalog::chroma::all) {
    INFO(each->name);
    CHECK_FALSE(each->unit.empty());
    CHECK(each->description.ends_with('.'));
    CHECK(names.insert(each->name).second);
  }
}

TEST_CASE("collections have their records, dimension and settings", "[chroma-collector]") {
  chroma_server server;
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url()};
  chroma::collection pages = db.create_collection("pages", {.space = "cosine", .ef_search = 50});
  pages.add({.ids = {"a", "b", "c"}, .embeddings = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}});
  static_cast<void>(db.create_collection("words"));
  chroma_collector source{{.url = server.url()}};
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  attributes labels{{"db.namespace", "default_tenant|default_database"},
                    {"db.system.name", "chroma"},
                    {"server.address", "127.0.0.1"},
                    {"server.port", static_cast<std::int64_t>(server.port())}};
  CHECK(collected_value(found, "chroma.collection.count", labels) ==
        static_cast<double>(db.count_collections()));
  labels.set({"db.collection.name", "pages"});
  CHECK(collected_value(found, "chroma.collection.record.count", labels) ==
        static_cast<double>(pages.count()));
  CHECK(collected_value(found, "chroma.collection.dimension", labels) == 3.0);
  labels.set({"chroma.index.setting", "ef_search"});
  CHECK(collected_value(found, "chroma.index.setting", labels) == 50.0);
  CHECK_THAT(collected_text(found, "chroma.server.info"), Catch::Contains("chroma.version=1.0.0"));
  // Offered by later versions alone.
  CHECK(lacking_reason(found, "chroma.index.progress") ==
        "this version of Chroma does not offer it");
  CHECK_THAT(source.name(), Catch::StartsWith("chroma 127.0.0.1:"));
  // It counts in no statistics of the application.
  CHECK(telemetry.text("http.client.request.duration") == "");
}

TEST_CASE("many collections are as many series as the limit allows, and the rest is named",
          "[chroma-collector]") {
  chroma_server server;
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url()};
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(db.create_collection("collection_" + std::to_string(i)));
  }
  chroma_collector source{{.url = server.url(), .most_collections = 2}};
  const collected found = collected_by(source);
  CHECK(lacking_reason(found, "chroma.collection.record.count") ==
        "3 collections are past most_collections");
  const std::string text = collected_text(found, "chroma.collection.record.count");
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("records are not counted again at once, and keep their numbers", "[chroma-collector]") {
  const std::string list = R"([{"id":"1","name":"slow","dimension":2}])";
  using querytap::testing::fault;
  fault slow_count = reply(200, "", "7");
  slow_count.after = 100ms;
  const fault_server server{
      {reply(200, "", R"("1.0.0")"), reply(200, "", "1"), reply(200, "", list), slow_count,
       reply(200, "", R"({"op_indexing_progress":0.5})"), reply(200, "", R"("1.0.0")"),
       reply(200, "", "1"), reply(200, "", list)}};
  chroma_collector source{{.url = server.url()}};
  const std::string first = collected_text(collected_by(source), "chroma.");
  CHECK_THAT(first, Catch::Contains("chroma.collection.record.count") && Catch::Contains(" 7\n"));
  CHECK_THAT(first, Catch::Contains("chroma.index.progress") && Catch::Contains(" 500000\n"));
  CHECK(collected_text(collected_by(source), "chroma.") == first);
  CHECK(server.requests().size() == 8);
}

TEST_CASE("a collection that cannot be counted takes no other along", "[chroma-collector]") {
  const std::string list = R"([{"id":"1","name":"damaged"},{"id":"2","name":"whole"}])";
  const fault_server server{{reply(200, "", R"("1.0.0")"), reply(200, "", "2"),
                             reply(200, "", list), reply(500, "", "secret"), reply(200, "", "7"),
                             reply(404)}};
  chroma_collector source{{.url = server.url()}};
  const collected found = collected_by(source);
  CHECK(lacking_reason(found, "chroma.collection.record.count damaged") ==
        "count is answered with status 500");
  const std::string text = collected_text(found, "chroma.collection.record.count");
  CHECK_THAT(text, Catch::Contains("db.collection.name=whole"));
  CHECK(text.find("damaged") == std::string::npos);
}

TEST_CASE("a server that refuses, stands still or is none is an error", "[chroma-collector]") {
  const fault_server refusing{{reply(403, "", "secret")}};
  chroma_collector refused{{.url = refusing.url()}};
  CHECK_THROWS_WITH(collected_by(refused), "version is answered with status 403");
  const fault_server other{{reply(200, "", R"("x")"), reply(200, "", "[]")}};
  chroma_collector of_other{{.url = other.url()}};
  CHECK_THROWS_WITH(collected_by(of_other), Catch::Contains("is not Chroma"));
  const fault_server deaf{{{.action = querytap::testing::fault::kind::black_hole}}};
  chroma_collector waiting{{.url = deaf.url()}};
  CHECK_THROWS_WITH(collected_by(waiting, 50ms), "there was no answer in time");
  CHECK_THROWS_AS(chroma_collector({.url = "nowhere"}), configuration_error);
}
