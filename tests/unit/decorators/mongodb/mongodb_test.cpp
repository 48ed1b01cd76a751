// An operation is what the application has called: with the next batches of its cursor, and with the attempts that
// libmongoc makes again.

#include "watched_client.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/request.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t cursor = 4711;

/// Batches of two documents: so many of them.
mongo_server::script batches(int count, std::function<void()> in_each = {}) {
  return [count, in_each, left = 0](const mongo_command& command) mutable -> mongo_reply {
    if (command.name == "find" || command.name == "aggregate") left = count;
    if (command.name != "find" && command.name != "aggregate" && command.name != "getMore") {
      return {};
    }
    if (in_each) in_each();
    const bool is_first = left-- == count;
    return {.json =
                mongo_documents(2, left == 0 ? 0 : cursor, is_first ? "firstBatch" : "nextBatch")};
  };
}

mongo_server::script refusing(std::string reply, int times, std::string_view only = "find") {
  return [reply, times, only](const mongo_command& command) mutable -> mongo_reply {
    if (command.name != only) return {};
    if (times-- > 0) return {.json = reply};
    return {.json = command.name == "find" ? mongo_documents(1) : R"({"n": 1, "ok": 1})"};
  };
}

}  // namespace

TEST_CASE("a find, its further batches and their time are one call") {
  capture* telemetry = nullptr;
  watched_client db{batches(3, [&] { telemetry->time().advance(10ms); })};
  telemetry = &db.telemetry;
  const cursor_handle found{
      mongoc_collection_find_with_opts(db.documents.get(), document("{}").get(), nullptr, nullptr)};
  int count = 0;
  for (const bson_t* each = nullptr; mongoc_cursor_next(found.get(), &each); ++count) {
    db.telemetry.time().advance(1s);  // the application's own time
    if (count == 1) CHECK(db.calls().empty());
  }
  CHECK(count == 6);
  CHECK(db.server.commands() == "find getMore getMore");
  CHECK(db.calls() ==
        "db.operation.name=find db.query.summary=find documents count=1 sum=0.03 "
        "(0.0287,0.0312]=1");
  CHECK(db.calls("db.client.response.returned_rows") ==
        "db.operation.name=find db.query.summary=find documents count=1 sum=6 (5,6]=1");
  CHECK(db.telemetry.recorder().collect().active.empty());
}

TEST_CASE("a cursor that is given up ends its find") {
  watched_client db{batches(3)};
  {
    const cursor_handle found{mongoc_collection_find_with_opts(
        db.documents.get(), document("{}").get(), nullptr, nullptr)};
    const bson_t* each = nullptr;
    REQUIRE(mongoc_cursor_next(found.get(), &each));
  }
  CHECK(db.server.commands() == "find killCursors");
  CHECK(db.calls() ==
        "db.operation.name=find db.query.summary=find documents count=1 sum=0 (0,0]=1");
  CHECK(db.calls("db.client.response.returned_rows") ==
        "db.operation.name=find db.query.summary=find documents count=1 sum=2 (1,2]=1");
}

TEST_CASE("a find whose cursor is still open is recorded when nobody watches any more") {
  capture telemetry;
  mongo_server server{batches(3)};
  const client_handle client = make_client(server.uri("chat"));
  const collection_handle documents = collection(client.get());
  cursor_handle found;
  {
    const mongodb::observation watched{telemetry.recorder(), client.get()};
    found.reset(
        mongoc_collection_find_with_opts(documents.get(), document("{}").get(), nullptr, nullptr));
    const bson_t* each = nullptr;
    REQUIRE(mongoc_cursor_next(found.get(), &each));
    CHECK(telemetry.text("db.client.operation.duration").empty());
  }
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=1"));
  CHECK(read_all(documents.get()) == 6);  // watched by nobody
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=1"));
}

TEST_CASE("a cursor that waits for documents to come has a call for each batch") {
  watched_client db{batches(2)};
  static_cast<void>(read_all(db.documents.get(), "{}", R"({"tailable": true})"));
  CHECK_THAT(db.calls(),
             Catch::Contains("db.operation.name=find db.query.summary=find documents") &&
                 Catch::Contains("db.operation.name=getMore"));
}

TEST_CASE("each further batch of such a cursor is a call, too") {
  watched_client db{batches(5)};
  static_cast<void>(read_all(db.documents.get(), "{}", R"({"tailable": true})"));
  CHECK_THAT(db.calls(), Catch::Contains("getMore documents count=4 "));
}

TEST_CASE("a batch that is asked of a cursor that was ended is a call of its own") {
  watched_client db{[](const mongo_command& command) -> mongo_reply {
    if (command.name == "find") return {.json = mongo_documents(2, cursor)};
    if (command.name == "getMore") return {.json = mongo_refusal(43, "CursorNotFound")};
    return {};
  }};
  bson_error_t error;
  for (const char* json : {R"({"find": "documents"})",
                           R"({"killCursors": "documents", "cursors": [{"$numberLong": "4711"}]})",
                           R"({"getMore": {"$numberLong": "4711"}, "collection": "documents"})"}) {
    static_cast<void>(mongoc_client_command_simple(db.client.get(), "chat", document(json).get(),
                                                   nullptr, nullptr, &error));
  }
  CHECK(error.code == 43);
  CHECK_THAT(db.calls(), Catch::Contains("find documents count=1 ") &&
                             Catch::Contains("getMore documents db.response.status_code=43 "
                                             "error.type=43 count=1 "));
  CHECK(db.telemetry.recorder().collect().active.empty());
}

TEST_CASE("a batch that was waited for is not slow") {
  capture* telemetry = nullptr;
  watched_client db{batches(3, [&] { telemetry->time().advance(1s); })};
  telemetry = &db.telemetry;
  static_cast<void>(read_all(db.documents.get(), "{}", R"({"tailable": true, "awaitData": true})"));
  const auto reports = db.telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->statement->summary == "find documents");
}

TEST_CASE("the find of many open cursors is recorded, too") {
  watched_client db{[](const mongo_command& command) -> mongo_reply {
    static std::int64_t next = 100;
    if (command.name != "find") return {};
    return {.json = mongo_documents(1, ++next)};
  }};
  std::vector<cursor_handle> open;
  for (int i = 0; i < 100; ++i) {
    open.emplace_back(mongoc_collection_find_with_opts(db.documents.get(), document("{}").get(),
                                                       nullptr, nullptr));
    const bson_t* each = nullptr;
    REQUIRE(mongoc_cursor_next(open.back().get(), &each));
  }
  CHECK_THAT(db.calls(), Catch::Contains("find documents count=36 "));
  open.clear();
  CHECK_THAT(db.calls(), Catch::Contains("find documents count=100 "));
  CHECK_THAT(db.calls(), Catch::Contains("killCursors documents count=36 "));
}

TEST_CASE("an attempt that libmongoc makes again is a retry of one call") {
  watched_client db{refusing(mongo_refusal(91, "ShutdownInProgress"), 1)};
  {
    const request chat{db.telemetry.recorder(), "POST /chat"};
    CHECK(read_all(db.documents.get()) == 1);
  }
  CHECK(db.server.commands() == "find find");
  CHECK(db.calls() ==
        "db.operation.name=find db.query.summary=find documents count=1 sum=0 (0,0]=1");
  CHECK(db.telemetry.text("querytap.mongodb.retries") == "db.system.name=mongodb value=1");
  const request_report report = db.telemetry.last_request();
  REQUIRE(report.backends.size() == 1);
  CHECK(report.backends[0].calls == 1);
  CHECK(report.backends[0].errors == 0);
  CHECK(report.backends[0].retries == 1);
  CHECK(mongodb::last_failure().was_retried);
}

TEST_CASE("a call that fails twice has failed once") {
  watched_client db{refusing(mongo_refusal(91, "ShutdownInProgress"), 2)};
  bson_error_t error{};
  CHECK(read_all(db.documents.get(), "{}", "{}", &error) == 0);
  CHECK(error.code == 91);
  CHECK(db.server.commands() == "find find");
  CHECK(db.calls() ==
        "db.operation.name=find db.query.summary=find documents db.response.status_code=91 "
        "error.type=91 count=1 sum=0 (0,0]=1");
  CHECK(mongodb::last_failure().attempts == 2);
  CHECK(mongodb::last_failure().was_retried);
}

TEST_CASE("an attempt that is not made again is a failure, by the next command at the latest") {
  watched_client db{refusing(mongo_refusal(91, "ShutdownInProgress"), 1),
                    mongo_server::kind::standalone, "retryReads=false"};
  constexpr auto failed =
      "db.operation.name=find db.query.summary=find documents db.response.status_code=91 "
      "error.type=91 count=1 ";
  SECTION("the next command") {
    CHECK(read_all(db.documents.get()) == 0);
    CHECK(read_all(db.documents.get()) == 1);
    CHECK_THAT(db.calls(), Catch::Contains("find documents count=1 "));
  }
  SECTION("the end of a scope") {
    const mongodb::call here{db.watched};
    CHECK(read_all(db.documents.get()) == 0);
    db.watched.settle();
  }
  CHECK_THAT(db.calls(), Catch::Contains(failed));
  CHECK_FALSE(mongodb::last_failure().was_retried);
}

TEST_CASE("a write that may be sent again is one call, too") {
  watched_client db{
      refusing(mongo_refusal(189, "PrimarySteppedDown", "\"RetryableWriteError\""), 1, "insert"),
      mongo_server::kind::replica_set};
  CHECK(db.insert());
  CHECK(db.server.commands() == "insert insert");
  CHECK(db.calls() ==
        "db.operation.name=insert db.query.summary=insert documents count=1 sum=0 (0,0]=1");
}

TEST_CASE("a server that asks to be spared is heard") {
  watched_client db{refusing(mongo_refusal(462, "IngressRequestRateLimitExceeded",
                                           R"("SystemOverloadedError", "RetryableError")"),
                             1)};
  CHECK(read_all(db.documents.get()) == 0);
  CHECK(db.telemetry.text("querytap.mongodb.overloads") == "db.system.name=mongodb value=1");
  const mongodb::failure failure = mongodb::last_failure();
  CHECK(failure.code == 462);
  CHECK(failure.is_overload);
  CHECK(failure.is_retryable);
  CHECK_FALSE(failure.was_retried);
}

TEST_CASE("write errors are failures, though libmongoc calls the command a success") {
  const auto answer = [](std::string json) {
    return [json](const mongo_command& command) {
      return mongo_reply{.json = command.name == "insert" ? json : std::string{}};
    };
  };
  SECTION("of a document") {
    watched_client db{answer(R"({"n": 0, "ok": 1, "writeErrors": [{"index": 0, "code": 11000}]})")};
    CHECK_FALSE(db.insert());
    CHECK_THAT(db.calls(), Catch::Contains("db.response.status_code=11000 error.type=11000"));
  }
  SECTION("of the write concern") {
    watched_client db{
        answer(R"({"n": 1, "ok": 1, "writeConcernError": {"code": 64, "errmsg": "canary"}})")};
    static_cast<void>(db.insert());
    CHECK_THAT(db.calls(), Catch::Contains("db.response.status_code=64 error.type=64"));
  }
}

TEST_CASE("a report names the line of the scope, the size of a batch and what was affected") {
  capture telemetry;
  mongo_server server{[](const mongo_command& command) {
    return mongo_reply{.json = command.name == "insert" ? R"({"n": 3, "ok": 1})" : ""};
  }};
  const client_handle client = make_client(server.uri("chat"));
  const mongodb::observation watched{telemetry.recorder(), client.get(), {.slow_threshold = 1ns}};
  const collection_handle documents = collection(client.get());
  const document_handle each = document("{}");
  const bson_t* all[] = {each.get(), each.get(), each.get()};
  bson_error_t error;
  const code_location line = code_location::current();
  const mongodb::call here{watched, line};
  REQUIRE(mongoc_collection_insert_many(documents.get(), all, 3, nullptr, nullptr, &error));
  const auto seen = telemetry.recorder().collect();
  CHECK(telemetry.text_by_statement("db.client.operation.duration")
            .starts_with(R"("{"insert": "documents", "ordered": ?, "documents": [?]}")"));
  for (const auto& report : seen.call_reports) {
    CHECK(report->batch_size == 3);
    CHECK(report->affected_rows == 3);
    CHECK(report->site.line == line.line());
  }
}

TEST_CASE("a transaction lasts from its first command to its end") {
  watched_client db{[](const mongo_command& command) -> mongo_reply {
                      if (command.name == "insert") return {.json = R"({"n": 1, "ok": 1})"};
                      if (command.name.ends_with("Transaction")) return {.json = R"({"ok": 1})"};
                      return {};
                    },
                    mongo_server::kind::replica_set};
  bson_error_t error;
  const auto insert_in = [&](mongoc_client_session_t* session) {
    const document_handle options = document("{}");
    REQUIRE(mongoc_client_session_append(session, options.get(), &error));
    return mongoc_collection_insert_one(db.documents.get(), document("{}").get(), options.get(),
                                        nullptr, &error);
  };
  const session_handle session{mongoc_client_start_session(db.client.get(), nullptr, &error)};
  REQUIRE(mongoc_client_session_start_transaction(session.get(), nullptr, &error));
  REQUIRE(insert_in(session.get()));
  db.telemetry.time().advance(30ms);  // idle
  REQUIRE(insert_in(session.get()));
  const std::string outcome = GENERATE(std::string{"committed"}, std::string{"rolled_back"});
  if (outcome == "committed") {
    REQUIRE(mongoc_client_session_commit_transaction(session.get(), nullptr, &error));
  } else {
    REQUIRE(mongoc_client_session_abort_transaction(session.get(), &error));
  }
  CHECK_THAT(db.telemetry.text("querytap.transaction.duration"),
             Catch::Contains("querytap.transaction.outcome=" + outcome + " count=1 sum=0.03"));
  CHECK_THAT(db.telemetry.text("querytap.transaction.idle"),
             Catch::Contains("querytap.transaction.stage=queries count=1 sum=0.03"));
  CHECK_THAT(db.calls(), Catch::Contains("insert documents count=2"));
}

TEST_CASE("a commit of which nothing is known is a lost transaction") {
  watched_client db{[](const mongo_command& command) -> mongo_reply {
                      if (command.name == "insert") return {.json = R"({"n": 1, "ok": 1})"};
                      return {.action = command.name == "commitTransaction"
                                            ? mongo_reply::kind::close
                                            : mongo_reply::kind::answer};
                    },
                    mongo_server::kind::replica_set};
  bson_error_t error;
  const session_handle session{mongoc_client_start_session(db.client.get(), nullptr, &error)};
  REQUIRE(mongoc_client_session_start_transaction(session.get(), nullptr, &error));
  const document_handle options = document("{}");
  REQUIRE(mongoc_client_session_append(session.get(), options.get(), &error));
  REQUIRE(mongoc_collection_insert_one(db.documents.get(), document("{}").get(), options.get(),
                                       nullptr, &error));
  CHECK_FALSE(mongoc_client_session_commit_transaction(session.get(), nullptr, &error));
  CHECK_THAT(db.telemetry.text("querytap.transaction.duration"),
             Catch::Contains("querytap.transaction.outcome=lost count=1"));
  CHECK_THAT(db.server.commands(), Catch::Contains("commitTransaction commitTransaction"));
  CHECK_THAT(db.calls(), Catch::Contains("db.query.summary=commitTransaction error.type=stream:4"));
}

TEST_CASE("what watches a client may end before the client, or after it") {
  capture telemetry;
  mongo_server server{batches(1)};
  client_handle client = make_client(server.uri("chat"));
  auto watched = std::make_unique<mongodb::observation>(telemetry.recorder(), client.get());
  CHECK(read_all(collection(client.get()).get()) == 2);
  SECTION("before") {
    watched.reset();
    CHECK(read_all(collection(client.get()).get()) == 2);
    client.reset();
  }
  SECTION("after") {
    client.reset();
    CHECK(watched->topology().type == "Single");
    watched.reset();
  }
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=1"));
}

TEST_CASE("options that cannot be used are told, and leave the client as it is") {
  capture telemetry;
  mongo_server server{batches(1)};
  const client_handle client = make_client(server.uri("chat"));
  CHECK_THROWS_AS(
      (mongodb::observation{telemetry.recorder(), client.get(), {.slow_threshold = -1ns}}),
      configuration_error);
  CHECK(read_all(collection(client.get()).get()) == 2);
}

TEST_CASE("what is known of the servers is a value, and metrics") {
  watched_client db{batches(1)};
  CHECK(db.watched.topology().type.empty());
  CHECK_FALSE(db.watched.topology().has_known());
  CHECK(read_all(db.documents.get()) == 2);
  const mongodb::topology known = db.watched.topology();
  CHECK(known.type == "Single");
  CHECK(known.has_writable());
  CHECK(known.has_known());
  REQUIRE(known.servers.size() == 1);
  CHECK(known.servers[0].address == "127.0.0.1");
  CHECK(known.servers[0].port == db.server.port());
  CHECK(known.servers[0].type == "Standalone");
  CHECK(known.servers[0].failed_heartbeats == 0);
  CHECK(known.changes > 0);
  CHECK_THAT(db.telemetry.text("querytap.mongodb.topology.changes"),
             Catch::Contains("querytap.mongodb.topology.type=Single value="));
  CHECK_THAT(db.telemetry.text("querytap.mongodb.heartbeat.duration"),
             Catch::Contains("server.address=127.0.0.1") && Catch::Contains("count=1"));
}

}  // namespace querytap::testing
