// Against a server of the wire protocol that others have written, mockupdb: what the application gets is what the
// server sent, and what is recorded is what was called.

#include "mongoc_handles.hpp"

#include <querytap/decorators/mongodb.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/exported.hpp>
#include <support/mockup_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

/// A watched client of it.
struct wire_client {
  explicit wire_client(recorder& telemetry, const std::string& options = {})
      : client{make_client("mongodb://" + mockup_server::address() + "/chat?" + options)},
        watched{telemetry, client.get()} {}

  [[nodiscard]] std::string command(std::string_view json) {
    bson_t reply;
    static_cast<void>(mongoc_client_command_simple(client.get(), "chat", document(json).get(),
                                                   nullptr, &reply, &error));
    std::string answer = json_of(&reply);
    bson_destroy(&reply);
    return answer;
  }
  [[nodiscard]] std::string find_in(const char* name, std::string_view filter = "{}") {
    const collection_handle documents = collection(client.get(), name);
    return read(mongoc_collection_find_with_opts(documents.get(), document(filter).get(), nullptr,
                                                 nullptr));
  }
  [[nodiscard]] std::string aggregate(const char* name, std::string_view pipeline) {
    const collection_handle documents = collection(client.get(), name);
    return read(mongoc_collection_aggregate(documents.get(), MONGOC_QUERY_NONE,
                                            document(pipeline).get(), nullptr, nullptr));
  }
  [[nodiscard]] std::string read(mongoc_cursor_t* made) {
    const cursor_handle cursor{made};
    std::string documents;
    for (const bson_t* each = nullptr; mongoc_cursor_next(cursor.get(), &each);) {
      documents += json_of(each);
    }
    static_cast<void>(mongoc_cursor_error(cursor.get(), &error));
    return documents;
  }
  [[nodiscard]] static std::string json_of(const bson_t* document) {
    char* const text = bson_as_relaxed_extended_json(document, nullptr);
    std::string json = text;
    bson_free(text);
    return json;
  }

  client_handle client;
  mongodb::observation watched;
  bson_error_t error{};
};

/// A line for each statement, without what all have. No value is in anything that was recorded.
std::string calls_of(capture& telemetry) {
  std::string text = telemetry.text_by_statement("db.client.operation.duration");
  const std::string port = mockup_server::address().substr(mockup_server::address().find(':') + 1);
  for (const std::string& shared :
       {std::string{" db.namespace=chat"}, std::string{" db.system.name=mongodb"},
        std::string{" server.address=localhost"}, " server.port=" + port}) {
    text = without(text, shared);
  }
  const snapshot seen = telemetry.recorder().collect();
  for (const std::string& exported : exported_texts(seen)) {
    CAPTURE(exported);
    CHECK(exported.find("canary") == std::string::npos);
  }
  CHECK(seen.active.empty());
  return lines_up_to(" sum=", text);
}

}  // namespace

TEST_CASE("a find with its further batches is one call, and gives what the server sent") {
  capture telemetry;
  wire_client db{telemetry.recorder()};
  CHECK(db.find_in("pages", R"({"body": "canary"})") ==
        R"({ "_id" : 1, "body" : "canary" }{ "_id" : 2 }{ "_id" : 3 })");
  CHECK(db.error.code == 0);
  CHECK(calls_of(telemetry) ==
        R"("{"find": "pages", "filter": {"body": ?}}" db.collection.name=pages)"
        R"( db.operation.name=find db.query.summary=find pages count=1)");
}

TEST_CASE("an insert is named by its collection, whatever is in the documents") {
  capture telemetry;
  wire_client db{telemetry.recorder()};
  const collection_handle pages = collection(db.client.get(), "pages");
  bson_t reply;
  REQUIRE(mongoc_collection_insert_one(pages.get(), document(R"({"canary": "canary"})").get(),
                                       nullptr, &reply, &db.error));
  CHECK(wire_client::json_of(&reply) == R"({ "insertedCount" : 1 })");
  bson_destroy(&reply);
  CHECK(calls_of(telemetry) ==
        R"("{"insert": "pages", "ordered": ?, "documents": [?]}" db.collection.name=pages)"
        R"( db.operation.name=insert db.query.summary=insert pages count=1)");
}

TEST_CASE("what is asked about a collection is named, and its answer is the server's") {
  capture telemetry;
  wire_client db{telemetry.recorder()};
  SECTION("explain") {
    CHECK(db.command(R"({"explain": {"find": "pages", "filter": {"body": "canary"}},)"
                     R"( "verbosity": "queryPlanner"})") ==
          R"({ "queryPlanner" : { "winningPlan" : { "stage" : "COLLSCAN" }, "namespace" :)"
          R"( "chat.pages" }, "ok" : 1.0 })");
    CHECK(calls_of(telemetry) ==
          R"("{"explain": {"find": "pages", "filter": {"body": ?}}, "verbosity": ?}")"
          R"( db.collection.name=pages db.operation.name=explain)"
          R"( db.query.summary=explain find pages count=1)");
  }
  SECTION("$indexStats") {
    CHECK(db.aggregate("pages", R"({"pipeline": [{"$indexStats": {}}]})") ==
          R"({ "name" : "_id_", "accesses" : { "ops" : 7 } })");
    CHECK(calls_of(telemetry) ==
          R"("{"aggregate": "pages", "pipeline": [{"$indexStats": {}}], "cursor": {}}")"
          R"( db.collection.name=pages db.operation.name=aggregate)"
          R"( db.query.summary=aggregate pages count=1)");
  }
  SECTION("collStats") {
    CHECK(db.command(R"({"collStats": "pages", "scale": 1024})") ==
          R"({ "ns" : "chat.pages", "count" : 3, "size" : 4096, "nindexes" : 1, "ok" : 1 })");
    CHECK(calls_of(telemetry) ==
          R"("{"collStats": "pages", "scale": ?}" db.collection.name=pages)"
          R"( db.operation.name=collStats db.query.summary=collStats pages count=1)");
  }
}

TEST_CASE("the time that a server takes to answer is that of the call") {
  recorder telemetry{{.service_name = "test"}};
  wire_client db{telemetry};
  CHECK_FALSE(db.find_in("late").empty());
  const auto points = telemetry.collect().find("db.client.operation.duration");
  REQUIRE(points.size() == 1);
  CHECK(points[0].histogram->count() == 1);
  CHECK(points[0].histogram->sum() >= 60'000'000);
}

TEST_CASE("a server that answers later than it is waited for ends a call by its time limit") {
  capture telemetry;
  wire_client db{telemetry.recorder(), "socketTimeoutMS=20&retryReads=false"};
  CHECK(db.find_in("late").empty());
  CHECK(db.error.domain == MONGOC_ERROR_STREAM);
  db.watched.settle();
  CHECK(calls_of(telemetry) ==
        R"("{"find": "late", "filter": {}}" db.collection.name=late db.operation.name=find)"
        R"( db.query.summary=find late error.type=stream:4 count=1)");
}

TEST_CASE("a connection that is lost within a reply is a failure of the stream, once") {
  capture telemetry;
  wire_client db{telemetry.recorder()};
  CHECK(db.find_in("torn").empty());
  CHECK(db.error.domain == MONGOC_ERROR_STREAM);
  CHECK(calls_of(telemetry) ==
        R"("{"find": "torn", "filter": {}}" db.collection.name=torn db.operation.name=find)"
        R"( db.query.summary=find torn error.type=stream:4 count=1)");
  CHECK(mongodb::last_failure().attempts == 2);
  CHECK(mongodb::last_failure().was_retried);
}

TEST_CASE("a refusal keeps its code and its labels") {
  capture telemetry;
  wire_client db{telemetry.recorder()};
  CHECK(db.find_in("refused").empty());
  CHECK(db.error.code == 112);
  CHECK(std::string{db.error.message} == "canary");
  CHECK(calls_of(telemetry) ==
        R"("{"find": "refused", "filter": {}}" db.collection.name=refused db.operation.name=find)"
        R"( db.query.summary=find refused db.response.status_code=112 error.type=112 count=1)");
  CHECK(mongodb::last_failure().code == 112);
  CHECK(mongodb::last_failure().is_transient);
  CHECK_FALSE(mongodb::last_failure().was_retried);
}

}  // namespace querytap::testing
