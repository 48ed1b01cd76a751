// What goes wrong between libmongoc and its server ends each call once, under the right name, and hangs nothing.

#include "watched_client.hpp"

#include <decorators/mongodb/watcher.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace querytap::testing {
namespace {

using namespace std::chrono_literals;

mongo_server::script always(mongo_reply::kind action) {
  return [action](const mongo_command& command) -> mongo_reply {
    if (command.name != "find") return {};
    return {.json = mongo_documents(3), .action = action};
  };
}

constexpr auto lost_find =
    "db.operation.name=find db.query.summary=find documents error.type=stream:4 count=1 ";

}  // namespace

TEST_CASE("a server that dies in the middle of a call is a failure of the stream") {
  const auto how = GENERATE(mongo_reply::kind::close, mongo_reply::kind::half);
  watched_client db{always(how)};
  bson_error_t error{};
  CHECK(read_all(db.documents.get(), "{}", "{}", &error) == 0);
  CHECK(error.domain == MONGOC_ERROR_STREAM);
  CHECK(db.server.commands() == "find find");
  CHECK_THAT(db.calls(), Catch::StartsWith(lost_find));
  CHECK(db.telemetry.recorder().collect().active.empty());
  CHECK(mongodb::last_failure().code == 0);
}

TEST_CASE("a server that accepts and never answers ends a call by its time limit") {
  watched_client db{always(mongo_reply::kind::silence), mongo_server::kind::standalone,
                    "socketTimeoutMS=50&retryReads=false"};
  CHECK(read_all(db.documents.get()) == 0);
  db.watched.settle();
  CHECK_THAT(db.calls(), Catch::StartsWith(lost_find));
  CHECK(db.telemetry.recorder().collect().active.empty());
}

TEST_CASE("a server that dies between two batches ends the find") {
  watched_client db{[](const mongo_command& command) -> mongo_reply {
    if (command.name == "find") return {.json = mongo_documents(2, 17)};
    return {.action =
                command.name == "getMore" ? mongo_reply::kind::close : mongo_reply::kind::answer};
  }};
  CHECK(read_all(db.documents.get()) == 2);
  CHECK_THAT(db.calls(), Catch::Contains(lost_find));
}

TEST_CASE("a reply that says it is of another size than it is, is read as far as it goes") {
  watched_client db{always(mongo_reply::kind::hostile)};
  static_cast<void>(read_all(db.documents.get()));
  CHECK_THAT(db.calls(), Catch::Contains("find documents"));
  CHECK(db.telemetry.recorder().collect().active.empty());
}

TEST_CASE("a command whose end is never told ends with what watches it") {
  capture telemetry;
  auto* const watcher = new mongodb::detail::watcher{telemetry.recorder(), {}};
  const document_handle command = document(R"({"find": "documents", "filter": {}})");
  watcher->started({.bytes = bytes_of(command), .database = "chat", .host = "db", .request = 1});
  CHECK(telemetry.recorder().collect().active.size() == 1);
  watcher->observation_ended();
  CHECK(telemetry.recorder().collect().active.empty());
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("error.type=abandoned"));
  watcher->client_ended();
}

TEST_CASE("a call for which no server is found is seen by its scope") {
  capture telemetry;
  const client_handle client =
      make_client("mongodb://127.0.0.1:1/chat?serverSelectionTimeoutMS=50");
  const mongodb::observation watched{telemetry.recorder(), client.get()};
  const collection_handle documents = collection(client.get());
  bson_error_t error{};
  const auto try_to_insert = [&] {
    return mongoc_collection_insert_one(documents.get(), document("{}").get(), nullptr, nullptr,
                                        &error);
  };
  CHECK_FALSE(try_to_insert());
  CHECK(telemetry.text("db.client.operation.duration").empty());
  {
    mongodb::call here{watched, R"({"insert": "documents"})"};
    CHECK(telemetry.recorder().collect().active.size() == 1);
    CHECK_FALSE(try_to_insert());
    telemetry.time().advance(30ms);
    here.fail(error);
  }
  CHECK(telemetry.text("db.client.operation.duration") ==
        "db.collection.name=documents db.operation.name=insert db.query.summary=insert documents "
        "db.system.name=mongodb error.type=server_selection:13053 count=1 sum=0.03 "
        "(0.0287,0.0312]=1");
  const auto reports = telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->reason == report_reason::timeout);
  const mongodb::topology known = watched.topology();
  CHECK_FALSE(known.has_known());
  REQUIRE(known.servers.size() == 1);
  CHECK(known.servers[0].failed_heartbeats > 0);
  CHECK_THAT(telemetry.text("querytap.mongodb.heartbeat.duration"),
             Catch::Contains("error.type=client:5"));
}

TEST_CASE("a scope adds nothing to a call whose commands were sent") {
  watched_client db{always(mongo_reply::kind::answer)};
  {
    mongodb::call here{db.watched, R"({"find": "documents"})"};
    CHECK(read_all(db.documents.get()) == 3);
  }
  {
    mongodb::call here{db.watched, R"({"find": "documents"})"};  // nothing is called
  }
  {
    mongodb::call here{db.watched, R"({"find": "documents"})"};
    CHECK(read_all(db.documents.get()) == 3);
    bson_error_t error{};
    error.domain = MONGOC_ERROR_CURSOR;
    here.fail(error);
  }
  CHECK_THAT(db.calls(),
             Catch::Contains("find documents count=2 ") && !Catch::Contains("error.type"));
  CHECK(db.telemetry.recorder().collect().active.empty());
}

TEST_CASE("each call of a scope inside another is its own") {
  watched_client db{always(mongo_reply::kind::answer)};
  mongodb::call outer{db.watched, R"({"aggregate": "documents"})"};
  {
    const mongodb::call inner{db.watched, R"({"find": "documents"})"};
    CHECK(read_all(db.documents.get()) == 3);
  }
  bson_error_t error{};
  error.domain = MONGOC_ERROR_SERVER_SELECTION;
  error.code = MONGOC_ERROR_SERVER_SELECTION_FAILURE;
  outer.fail(error);
  CHECK_THAT(db.calls(), Catch::Contains("find documents count=1 "));
}

}  // namespace querytap::testing
