// A stand-in for a MongoDB is lost, stands still, tears its answers and refuses: the probe says so in time, for the
// right reason, and says when it is over.

#include "mongodb_stand_in.hpp"

#include <querytap/servers/mongodb/mongodb_probe.hpp>
#include <querytap/servers/mongodb/mongodb_write_probe.hpp>
#include <support/fork.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::exit_code_of_child;
using querytap::testing::mongo_refusal;
using querytap::testing::mongodb_stand_in;
using querytap::testing::verdict;

namespace {

constexpr auto late = "error: the server did not answer in time";

void allow_status(mongodb_stand_in& member) {
  member.answer("serverStatus", querytap::testing::server_status);
}

std::string found_value(int value) {
  return R"({"cursor": {"id": 0, "ns": "querytap.probe", "firstBatch": [{"_id": 1, "value": )" +
         std::to_string(value) + R"(}]}, "ok": 1})";
}

}  // namespace

TEST_CASE("a MongoDB that answers passes, with and without the right to its status", "[mongodb]") {
  mongodb_stand_in member;
  mongodb_probe probe{{.server = member.address(), .role = mongodb_role::primary}};
  member.answer("serverStatus", mongo_refusal(13, "Unauthorized"));
  CHECK(verdict(probe) == "pass");
  allow_status(member);
  CHECK(verdict(probe) == "pass");
  CHECK(verdict(probe) == "pass");
  CHECK(member.server().commands() == "serverStatus serverStatus serverStatus");
  member.answer("serverStatus", mongo_refusal(11600, "InterruptedAtShutdown"));
  CHECK(verdict(probe) == "error: the server refuses with error 11600");
}

TEST_CASE("a MongoDB that stands still is given up at the deadline", "[mongodb]") {
  mongodb_stand_in member;
  allow_status(member);
  mongodb_probe open{{.server = member.address()}};
  mongodb_probe fresh{{.server = member.address()}};
  mongodb_write_probe writes{{.server = member.address()}};
  CHECK(verdict(open, 400ms) == "pass");
  member.stand_still(true);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict(open, 400ms) == late);
  CHECK(verdict(fresh, 400ms) == late);
  CHECK(verdict(writes, 400ms) == late);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  member.stand_still(false);
  CHECK(verdict(open) == "pass");
  CHECK(verdict(fresh) == "pass");
}

TEST_CASE("a MongoDB that closes or tears a connection is asked once more", "[mongodb]") {
  mongodb_stand_in member;
  allow_status(member);
  mongodb_probe probe{{.server = member.address()}};
  CHECK(verdict(probe) == "pass");
  member.close_next();
  CHECK(verdict(probe) == "pass");
  member.tear_next();
  CHECK(verdict(probe) == "pass");
}

TEST_CASE("a MongoDB that is gone cannot be connected to", "[mongodb]") {
  mongodb_stand_in member;
  allow_status(member);
  mongodb_probe probe{{.server = member.address()}};
  mongodb_probe fresh{{.server = member.address()}};
  CHECK(verdict(probe) == "pass");
  member.stop();
  CHECK(verdict(probe) == "error: cannot connect to the server");
  CHECK(verdict(fresh) == "error: cannot connect to the server");
}

TEST_CASE("a write that comes back passes, and one that does not fails", "[mongodb]") {
  mongodb_stand_in member;
  mongodb_write_probe probe{{.server = member.address()}};
  member.answer("update", R"({"n": 1, "ok": 1})");
  member.answer("delete", R"({"n": 1, "ok": 1})");
  member.answer("find", found_value(1));
  CHECK(verdict(probe) == "pass");
  CHECK(member.server().commands() == "update find delete");
  CHECK(member.server().last("update").find(R"("upsert" : true)") != std::string::npos);

  member.answer("find", found_value(1));  // old: the second look wrote 2
  CHECK(verdict(probe) ==
        "fail write: a document that was written is read back with another value, or not at all");
  member.answer("update", mongo_refusal(10107, "NotWritablePrimary"));
  CHECK(verdict(probe) == "fail write: the server refuses with error 10107");
  member.answer(
      "update",
      R"({"n": 0, "writeErrors": [{"index": 0, "code": 14031, "errmsg": "canary"}], "ok": 1})");
  CHECK(verdict(probe) == "fail write: the server refuses with error 14031");
}

TEST_CASE("a probe of a MongoDB is of use in the child of a fork, and in the parent afterwards",
          "[mongodb]") {
  mongodb_stand_in member;
  allow_status(member);
  mongodb_probe probe{{.server = member.address()}};
  CHECK(verdict(probe) == "pass");
  CHECK(exit_code_of_child([&] { return verdict(probe) == "pass"; }) == 0);
  CHECK(verdict(probe) == "pass");
}
