// What is Chroma's alone: its calls and their names, what is not sent, and what its searches tell. The
// promises of every client are in conformance_test.cpp.

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/chroma.hpp>
#include <querytap/testing/capture.hpp>
#include <support/chroma_server.hpp>
#include <support/fault_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::chroma_server;
using querytap::testing::fault_server;
using querytap::testing::lines_up_to;
using querytap::testing::reply;
using querytap::testing::without;

struct chroma_fixture {
  explicit chroma_fixture(chroma::client_options options = {})
      : db{telemetry.recorder(), chroma_server::shared().url(), std::move(options)} {}

  std::string calls() { return lines_up_to(" sum=", metric("db.client.operation.duration")); }
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.system.name=chroma ");
    text = without(text, "db.namespace=default_tenant|default_database ");
    text = without(text, "server.address=127.0.0.1 ");
    text = without(text, "db.query.summary=");
    return without(text, "server.port=" + std::to_string(chroma_server::shared().port()) + ' ');
  }

  capture telemetry;
  chroma::client db;
};

chroma::records three_pages() {
  return {.ids = {"a", "b", "c"},
          .embeddings = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0.9F, 0.1F, 0, 0}},
          .documents = {"alpha text", "beta text", "gamma text"},
          .metadatas = {R"({"lang": "en", "n": 1})", R"({"lang": "de", "n": 2})",
                        R"({"lang": "en", "n": 3})"}};
}

TEST_CASE("every call of Chroma does what it says, and is counted under its name", "[chroma]") {
  chroma_fixture chroma{{.explains_missing = false}};
  CHECK(chroma.db.heartbeat() > 1s);
  chroma::collection pages = chroma.db.create_collection("every_call", {.space = "cosine"});
  pages.add(three_pages());
  CHECK(pages.count() == 3);
  const std::vector<float> vector{1, 0, 0, 0};
  const auto nearest = pages.query(vector, {.k = 2, .parts = {.metadatas = true}});
  REQUIRE(nearest.size() == 2);
  CHECK(nearest[0].id == "a");
  CHECK(nearest[0].document == "alpha text");
  CHECK(nearest[0].metadata == R"({"lang":"en","n":1})");
  CHECK(nearest[0].distance == 0.0);
  CHECK(nearest[1].id == "c");
  CHECK(*nearest[1].distance == Approx(0.0061).margin(0.001));
  const auto german =
      pages.query(vector, {.filter = R"({"$and": [{"lang": "de"}, {"n": {"$gt": 1}}]})",
                           .document_filter = R"({"$contains": "beta"})"});
  REQUIRE(german.size() == 1);
  CHECK(german[0].id == "b");
  const std::vector<std::vector<float>> vectors{{1, 0, 0, 0}, {0, 1, 0, 0}};
  const auto both = pages.query_all(vectors, {.k = 1, .parts = {.embeddings = true}});
  REQUIRE(both.size() == 2);
  CHECK(both[1][0].id == "b");
  CHECK(both[1][0].embedding == std::vector<float>{0, 1, 0, 0});
  pages.update({.ids = {"a"}, .documents = {"changed"}});
  pages.upsert({.ids = {"d"}, .embeddings = {{0, 0, 1, 0}}});
  const std::vector<std::string> ids{"a", "d"};
  const auto got = pages.get({.ids = ids, .limit = 10});
  REQUIRE(got.size() == 2);
  CHECK(got[0].document == "changed");
  pages.remove({.ids = ids});
  CHECK(pages.count() == 2);
  CHECK(chroma.db.get_collection("every_call").id() == pages.id());
  CHECK(chroma.db.count_collections() >= 1);
  bool is_listed = false;
  for (const auto& info : chroma.db.list_collections()) {
    if (info.name != "every_call") continue;
    is_listed = true;
    CHECK(info.dimension == 4U);
    CHECK(info.space == "cosine");
  }
  CHECK(is_listed);
  chroma.db.delete_collection("every_call");
  CHECK(chroma.calls() ==
        "add every_call count=1\ncount every_call count=2\ncount_collections count=1\n"
        "create_collection every_call count=1\ndelete every_call count=1\n"
        "delete_collection every_call count=1\nget every_call count=1\n"
        "get_collection every_call count=1\nheartbeat count=1\nlist_collections count=1\n"
        "pre_flight_checks count=1\nquery every_call by cosine count=2\n"
        "query every_call by cosine where #document, lang, n count=1\nupdate every_call count=1\n"
        "upsert every_call count=1");
}

TEST_CASE("errors are told by their status", "[chroma]") {
  chroma_fixture chroma;
  const auto status_of = [](auto call) {
    try {
      call();
    } catch (const chroma::error& error) {
      return error.status();
    }
    return 0;
  };
  chroma::collection pages = chroma.db.create_collection("errors");
  CHECK(status_of([&] { static_cast<void>(chroma.db.create_collection("errors")); }) == 409);
  CHECK(status_of([&] { static_cast<void>(chroma.db.create_collection("x")); }) == 400);
  CHECK(status_of([&] { static_cast<void>(chroma.db.get_collection("nowhere")); }) == 404);
  CHECK(status_of([&] { pages.remove({.filter = R"({"$or": 1})"}); }) == 400);
  pages.add(three_pages());
  chroma.db.delete_collection("errors");
  const std::vector<float> vector{1, 0, 0, 0};
  CHECK(status_of([&] { static_cast<void>(pages.query(vector)); }) == 404);
  CHECK_THAT(chroma.calls(), Catch::Contains("db.response.status_code=409 error.type=409") ||
                                 Catch::Contains("error.type=409"));
}

TEST_CASE("what Chroma would refuse or get wrong is not sent", "[chroma]") {
  chroma_fixture chroma;
  chroma::collection pages = chroma.db.create_collection("not_sent");
  pages.add(three_pages());
  const std::string before = chroma.calls();
  const auto refuses = [&](const chroma::records& wrong, const char* reason) {
    CHECK_THROWS_AS(pages.add(wrong), chroma::invalid_input);
    CHECK_THROWS_WITH(pages.add(wrong), Catch::Contains(reason));
  };
  refuses({.ids = {"x"}, .embeddings = {{1, 0}}}, "vector 0 has 2 numbers, where 4 are expected");
  refuses({.ids = {"x"}, .embeddings = {{1, NAN, 0, 0}}}, "number 1 of vector 0 is not finite");
  refuses({.ids = {"x"}, .embeddings = {{1, 0, 0, INFINITY}}}, "is not finite");
  refuses({.ids = {"x", "x"}, .embeddings = {{1, 0, 0, 0}, {1, 0, 0, 0}}}, "id 1 is there twice");
  refuses({.ids = {"x", "y"}, .embeddings = {{1, 0, 0, 0}}}, "2 ids, and 1 embeddings");
  refuses({.ids = {"x"}, .embeddings = {{1, 0, 0, 0}}, .documents = {"1", "2"}}, "2 documents");
  refuses({.ids = {"x"}}, "expected an embedding");
  refuses({}, "at least one id");
  refuses({.ids = {""}, .embeddings = {{1, 0, 0, 0}}}, "id 0 is empty");
  refuses({.ids = {"\xff"}, .embeddings = {{1, 0, 0, 0}}}, "UTF-8");
  refuses({.ids = {"x"}, .embeddings = {{1, 0, 0, 0}}, .metadatas = {"[1]"}}, "JSON object");
  chroma::records many;
  for (int i = 0; i < 5462; ++i) {
    many.ids.push_back(std::to_string(i));
    many.embeddings.push_back({1, 0, 0, 0});
  }
  refuses(many, "5462 records, where the server takes 5461");
  const std::vector<float> vector{1, 0, 0, 0};
  const std::vector<float> short_vector{1, 0};
  CHECK_THROWS_AS(pages.query(short_vector), chroma::invalid_input);
  CHECK_THROWS_AS(pages.query({}), chroma::invalid_input);
  CHECK_THROWS_AS(pages.query(vector, {.k = 0}), chroma::invalid_input);
  CHECK_THROWS_AS(pages.query(vector, {.filter = "{}"}), chroma::invalid_input);
  CHECK_THROWS_AS(pages.query(vector, {.filter = "{\"a\": 1}, \"n_results\": 9"}),
                  chroma::invalid_input);
  CHECK_THROWS_AS(pages.remove({}), chroma::invalid_input);
  CHECK(chroma.calls() == before);
  CHECK(pages.count() == 3);
}

TEST_CASE("searches tell what they asked for, what came back and how far away it was", "[chroma]") {
  chroma_fixture chroma{{.explains_missing = false, .strategy = "vector"}};
  chroma::collection pages = chroma.db.create_collection("quality", {.space = "l2"});
  pages.add(three_pages());
  const std::vector<float> vector{1, 0, 0, 0};
  static_cast<void>(pages.query(vector, {.k = 3}));
  static_cast<void>(pages.query(vector, {.k = 3, .filter = R"({"n": 77})"}));
  const std::string source = "db.collection.name=quality querytap.strategy=vector ";
  CHECK_THAT(chroma.metric("querytap.retrieval.asked"),
             Catch::StartsWith(source + "count=2 sum=6 "));
  CHECK_THAT(chroma.metric("querytap.retrieval.returned"),
             Catch::StartsWith(source + "count=2 sum=3 "));
  CHECK_THAT(chroma.metric("querytap.retrieval.distance"), Catch::StartsWith(source + "count=3 "));
  CHECK(chroma.metric("querytap.retrieval.empty") == source + "value=1");
}

TEST_CASE("a distance that is no number is none, and counts nowhere", "[chroma]") {
  fault_server server{{reply(
      200, {},
      R"({"ids":[["a","b"]],"distances":[[null,0.5]],"documents":null,"metadatas":[[null,null]]})")}};
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url()};
  chroma::collection pages = db.open_collection({.id = "1", .name = "pages"});
  const std::vector<float> vector{1};
  const auto found = pages.query(vector, {.k = 2});
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[0].distance);
  CHECK(found[1].distance == 0.5);
  CHECK_THAT(telemetry.text("querytap.retrieval.distance"), Catch::Contains(" count=1 "));
}

TEST_CASE("results that are missing have their reason, asked for once in a while", "[chroma]") {
  chroma_fixture chroma;
  chroma::collection pages = chroma.db.create_collection("missing_results", {.space = "l2"});
  pages.add(three_pages());
  const std::vector<float> vector{1, 0, 0, 0};
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(pages.query(vector));
    static_cast<void>(pages.query(vector, {.filter = R"({"lang": "en"})"}));
  }
  CHECK_THAT(
      chroma.metric("querytap.retrieval.under_return"),
      Catch::StartsWith("db.collection.name=missing_results querytap.reason=corpus value=10"));
  CHECK_THAT(chroma.calls(), Catch::Contains("count missing_results count=1\n"));
  CHECK_THAT(chroma.calls(), Catch::Contains("get missing_results count=1\n"));
  CHECK(chroma.telemetry.recorder().collect().findings.empty());
}

TEST_CASE("answers that nobody can read are errors with a name", "[chroma]") {
  const auto body = GENERATE(as<std::string>{}, "", "{", "null", "[]", R"({"ids":7})",
                             R"({"ids":[["a"]],"distances":[[0.1,0.2]]})", R"({"ids":[[1]]})",
                             R"({"ids":[["a"],["b"]]})", R"({"ids":[["a"]],"distances":[[1e400]]})",
                             R"({"ids":[["a"]],"distances":[["x"]]})", "\xff\xfe");
  fault_server server{{reply(200, {}, body)}};
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url()};
  chroma::collection pages = db.open_collection({.id = "1", .name = "pages"});
  const std::vector<float> vector{1};
  CHECK_THROWS_AS(pages.query(vector), chroma::error);
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("error.type=unexpected_reply"));
}

TEST_CASE("a server that fails for a while is asked again, within one call", "[chroma]") {
  fault_server server{
      {reply(503), {.action = querytap::testing::fault::kind::close}, reply(200, {}, "7")}};
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url(), {.transport = {.first_backoff = 1ms}}};
  chroma::collection pages = db.open_collection({.id = "1", .name = "pages"});
  CHECK(pages.count() == 7);
  CHECK(server.requests().size() == 3);
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains(" count=1 "));
}

TEST_CASE("names and tokens go where they belong", "[chroma]") {
  fault_server server{{reply(200, {}, R"({"id":"1","name":"a/b"})")}};
  capture telemetry;
  chroma::client db{
      telemetry.recorder(), server.url(), {.tenant = "a c", .database = "d", .token = "secret"}};
  static_cast<void>(db.get_collection("a/b?c"));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/api/v2/tenants/a%20c/databases/d/collections/a%2Fb%3Fc");
  CHECK(requests[0].headers.at("x-chroma-token") == "secret");
  CHECK_THROWS_AS(db.get_collection(".."), chroma::invalid_input);
  CHECK_THROWS_AS(chroma::client(telemetry.recorder(), "http://a/?x"), configuration_error);
  CHECK_THROWS_AS(chroma::client(telemetry.recorder(), "http://a", {.tenant = ""}),
                  configuration_error);
}

TEST_CASE("a request that Chroma's error ends fails with the status", "[chroma]") {
  chroma_fixture chroma;
  {
    request question{chroma.telemetry.recorder(), "POST /chat"};
    try {
      static_cast<void>(chroma.db.get_collection("nowhere"));
      FAIL("there is such a collection");
    } catch (const chroma::error&) {
      question.fail(outcome_of_current_exception());
    }
  }
  CHECK(chroma.telemetry.last_request().error_type == "404");
}

}  // namespace
