// What a member of a MongoDB says of itself arrives as it said it, with a reason for what it does not offer.

#include "mongodb_stand_in.hpp"

#include <querytap/servers/mongodb/mongodb_collector.hpp>
#include <servers/mongodb/mongodb_instruments.hpp>
#include <support/collected_numbers.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::collect_error_of;
using querytap::testing::collected_by;
using querytap::testing::everything_in;
using querytap::testing::lacking_reason;
using querytap::testing::mongo_refusal;
using querytap::testing::mongodb_stand_in;
using querytap::testing::number_in;
using querytap::testing::server_status;

namespace {

void fill(mongodb_stand_in& member) {
  member.answer("serverStatus", server_status);
  member.answer("listDatabases",
                R"({"databases": [{"name": "admin"}, {"name": "chat"}], "ok": 1})");
  member.answer(
      "listCollections",
      R"({"cursor": {"id": 0, "ns": "chat.$cmd", "firstBatch": [{"name": "users"}, {"name": "pages"},
                    {"name": "system.views"}]}, "ok": 1})");
  member.answer(
      "collStats",
      R"({"count": 3, "size": 4096, "storageSize": 8192, "nindexes": 2, "totalIndexSize": 512, "ok": 1})");
  member.answer("aggregate",
                R"({"cursor": {"id": 0, "ns": "chat.users", "firstBatch": [
                    {"name": "_id_", "accesses": {"ops": {"$numberLong": "7"}}},
                    {"name": "by_name", "accesses": {"ops": 0}}]}, "ok": 1})");
}

}  // namespace

TEST_CASE("numbers of a MongoDB are the server's, with its address", "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  mongodb_collector collector{{.server = member.address()}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.uptime") == 5000.0);
  CHECK(number_in(found, "mongodb.connection.count", {{"type", "current"}}) == 12.0);
  CHECK(number_in(found, "mongodb.memory.usage", {{"type", "resident"}}) == 104857600.0);
  CHECK(number_in(found, "mongodb.network.io.receive") == 7e9);
  CHECK(number_in(found, "mongodb.operation.count", {{"operation", "update"}}) == 7.0);
  CHECK(number_in(found, "mongodb.operation.latency.time", {{"operation", "write"}}) == 2400.0);
  CHECK(number_in(found, "mongodb.cache.operations", {{"type", "hit"}}) == 80.0);
  CHECK(number_in(found, "mongodb.tickets.available", {{"type", "write"}}) == 126.0);
  CHECK(number_in(found, "mongodb.global_lock.queue", {{"type", "writer"}}) == 2.0);
  CHECK(number_in(found, "mongodb.object.count", {{"database", "chat"}, {"collection", "users"}}) ==
        3.0);
  CHECK(number_in(found, "mongodb.index.access.count",
                  {{"collection", "pages"}, {"index", "_id_"}}) == 7.0);
  CHECK(number_in(found, "mongodb.index.access.count",
                  {{"collection", "pages"}, {"index", "by_name"}}) == 0.0);
  CHECK(everything_in(found).find("system.views") == std::string::npos);
  CHECK(lacking_reason(found, "mongodb.replica.lag").empty());

  std::set<std::string_view> names;
  for (const instrument* const each : catalog::mongodb::all) {
    CHECK(names.insert(each->name).second);
    CHECK(!each->unit.empty());
    CHECK(each->description.ends_with('.'));
  }
  for (const collected::number& each : found.numbers()) {
    CHECK(names.contains(each.instrument->name));
    CHECK(*each.labels.find("db.system.name") == attribute_value{std::string{"mongodb"}});
    CHECK(*each.labels.find("server.port") == attribute_value{std::int64_t{member.address().port}});
    for (const attribute& label : each.labels) {
      INFO(each.instrument->name << " " << label.key);
      CHECK(std::ranges::count(each.instrument->attributes, label.key) == 1);
    }
  }
}

TEST_CASE("a secondary of a MongoDB shows how late it is", "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  std::string status{server_status};
  status.insert(1, R"("repl": {"setName": "rs0", "isWritablePrimary": false, "secondary": true},)");
  member.answer("serverStatus", status);
  member.answer("replSetGetStatus", R"({"members": [
    {"stateStr": "PRIMARY", "optimeDate": {"$date": {"$numberLong": "1700000002500"}}},
    {"stateStr": "SECONDARY", "self": true, "optimeDate": {"$date": {"$numberLong": "1700000000000"}}}], "ok": 1})");
  mongodb_collector collector{{.server = member.address()}};
  collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.replica.lag") == 2.5);
  CHECK(number_in(found, "mongodb.member", {{"mongodb.member.role", "secondary"}}) == 1.0);
  member.answer("replSetGetStatus", mongo_refusal(13, "Unauthorized"));
  found = collected_by(collector);
  CHECK(lacking_reason(found, "mongodb.replica.lag") == "needs the role clusterMonitor");
}

TEST_CASE("what a MongoDB or its user lacks is named", "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  member.answer("serverStatus", R"({"version": "6.0.5", "uptimeMillis": 5000, "ok": 1})");
  member.answer("listDatabases", mongo_refusal(13, "Unauthorized"));
  member.answer("aggregate", mongo_refusal(40324, "UnrecognizedStage"));
  mongodb_collector collector{{.server = member.address()}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.uptime") == 5000.0);
  CHECK(lacking_reason(found, "mongodb.asserts") == "the server does not report asserts.regular");
  CHECK(lacking_reason(found, "mongodb.collections") ==
        "needs the roles readAnyDatabase and clusterMonitor");
  CHECK(lacking_reason(found, "statements") ==
        "the server has no $queryStats, which is a part of MongoDB Atlas");
  CHECK(!number_in(found, "mongodb.asserts"));
  CHECK(everything_in(found).find("canary") == std::string::npos);

  member.answer("serverStatus", mongo_refusal(13, "Unauthorized"));
  CHECK(collect_error_of(collector) == "serverStatus needs the role clusterMonitor");
}

TEST_CASE("collections of a MongoDB past the limit are not asked for", "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  mongodb_collector collector{{.server = member.address(), .most_collections = 1}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.object.count") == 3.0);
  CHECK(lacking_reason(found, "mongodb.collections") ==
        "collections past the limit of 1 are not asked for: see most_collections");
  CHECK(member.server().commands() ==
        "serverStatus listDatabases listCollections collStats aggregate aggregate");
}

TEST_CASE("collections of a MongoDB are asked for at longer intervals, and their numbers stay",
          "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  mongodb_collector collector{{.server = member.address()}};
  static_cast<void>(collected_by(collector));
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mongodb.data.size", {{"collection", "users"}}) == 4096.0);
  CHECK(member.server().commands().ends_with("aggregate serverStatus"));
}

TEST_CASE("a MongoDB that stands still, tears or is gone is given up in time", "[mongodb]") {
  mongodb_stand_in member;
  fill(member);
  mongodb_collector collector{{.server = member.address()}};
  CHECK(collect_error_of(collector) == "");
  member.close_next();
  CHECK(collect_error_of(collector) == "");
  member.stand_still(true);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(collect_error_of(collector, 400ms) == "the server did not answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  member.stand_still(false);
  CHECK(collect_error_of(collector) == "");
  member.stop();
  CHECK(collect_error_of(collector) == "cannot connect to the server");
}
