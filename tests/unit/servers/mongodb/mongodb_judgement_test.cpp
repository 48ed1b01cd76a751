// What a member of a MongoDB answers becomes a verdict with a reason in numbers.

#include "mongodb_stand_in.hpp"

#include <servers/mongodb/mongodb_judgement.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using detail::mongodb_document;
using querytap::testing::measurement_in;
using querytap::testing::verdict;

namespace {

constexpr std::string_view hello_of_primary =
    R"({"isWritablePrimary": true, "secondary": false, "setName": "rs0", "primary": "a:1"})";
constexpr std::string_view hello_of_secondary =
    R"({"isWritablePrimary": false, "secondary": true, "setName": "rs0", "primary": "a:1"})";

health_answer judged(std::string_view hello, const mongodb_probe_options& options = {},
                     std::string_view status = {}, std::string_view replica_set = {}) {
  detail::mongodb_look look;
  look.hello = mongodb_document::of_json(hello);
  if (!status.empty()) look.status = mongodb_document::of_json(status);
  if (!replica_set.empty()) look.replica_set = mongodb_document::of_json(replica_set);
  return detail::judge_mongodb(look, options);
}

std::string verdict_of(std::string_view hello, const mongodb_probe_options& options = {}) {
  return verdict(judged(hello, options));
}

std::string verdict_on_members(std::string_view members) {
  return verdict(judged(hello_of_secondary, {}, {}, members));
}

}  // namespace

TEST_CASE("a MongoDB in good order passes") {
  CHECK(verdict_of(R"({"isWritablePrimary": true})") == "pass");
  CHECK(verdict_of(R"({"ismaster": true})") == "pass");  // before 5.0
  CHECK(verdict_of(hello_of_primary, {.role = mongodb_role::primary, .replica_set = "rs0"}) ==
        "pass");
  CHECK(verdict_of(hello_of_secondary, {.role = mongodb_role::secondary}) == "pass");
  const health_answer answer = judged(hello_of_primary, {}, querytap::testing::server_status);
  CHECK(verdict(answer) == "pass");
  CHECK(measurement_in(answer, "connections")->value == 0.12);
  CHECK(measurement_in(answer, "queued_operations")->value == 3.0);
  CHECK(measurement_in(answer, "cache")->value == 0.4);
}

TEST_CASE("a MongoDB with another role than it is needed as fails") {
  CHECK(verdict_of(hello_of_secondary, {.role = mongodb_role::primary}) ==
        "fail role: the member is a secondary, but a primary is expected here");
  CHECK(verdict_of(hello_of_primary, {.role = mongodb_role::secondary}) ==
        "fail role: the member is the primary, but a secondary is expected here");
  CHECK(
      verdict_of(
          R"({"isWritablePrimary": false, "secondary": false, "setName": "rs0", "primary": "a:1"})") ==
      "fail member: the member is neither primary nor secondary: it starts, recovers, or was "
      "removed");
}

TEST_CASE("a replica set without a primary, or another one than expected") {
  constexpr auto alone = R"({"isWritablePrimary": false, "secondary": true, "setName": "rs0"})";
  CHECK(verdict_of(alone) ==
        "warn primary: the replica set has no primary: nothing can be written");
  CHECK(verdict_of(hello_of_primary, {.replica_set = "rs1"}) ==
        "fail replica_set: the server is in another replica set than expected");
  CHECK(verdict_of(R"({"isWritablePrimary": true})", {.replica_set = "rs1"}) ==
        "fail replica_set: the server is in no replica set, but in one it is expected to be");
}

TEST_CASE("members that are late or cannot be reached") {
  CHECK(verdict_on_members(R"({"members": [
    {"stateStr": "PRIMARY", "health": 1, "optimeDate": {"$date": {"$numberLong": "1700000015000"}}},
    {"stateStr": "SECONDARY", "health": 1, "self": true, "optimeDate": {"$date": {"$numberLong": "1700000000000"}}}]})") ==
        "warn replication_lag: the member is 15 s behind its primary");
  CHECK(verdict_on_members(R"({"members": [
    {"stateStr": "PRIMARY", "health": 1, "optimeDate": {"$date": {"$numberLong": "1700000060000"}}},
    {"stateStr": "SECONDARY", "health": 1, "self": true, "optimeDate": {"$date": {"$numberLong": "1700000000000"}}}]})") ==
        "fail replication_lag: the member is 60 s behind its primary");
  CHECK(verdict_on_members(R"({"members": [{"stateStr": "PRIMARY", "health": 1},
    {"stateStr": "SECONDARY", "health": 1, "self": true}, {"stateStr": "DOWN", "health": 0
}]
})") == "warn members: members of the replica set that cannot be reached: 1 of 3");
}

TEST_CASE("connections and a cache that are nearly used up") {
  const auto of_status = [](std::string_view status) {
    return verdict(judged(R"({"isWritablePrimary": true})", {}, status));
  };
  CHECK(of_status(R"({"connections": {"current": 90, "available": 10}})") ==
        "warn connections: 90 of 100 connections are in use");
  CHECK(of_status(R"({"connections": {"current": 96, "available": 4}})") ==
        "fail connections: 96 of 100 connections are in use");
  CHECK(
      of_status(
          R"({"wiredTiger": {"cache": {"maximum bytes configured": 100, "bytes currently in the cache": 96}}})") ==
      "warn cache: 96 % of the cache are in use");
  CHECK(
      of_status(
          R"({"wiredTiger": {"cache": {"maximum bytes configured": 100, "tracked dirty bytes in the cache": 25}}})") ==
      "warn dirty_cache: 25 % of the cache are not yet written");
  CHECK(of_status("{}") == "pass");
}
