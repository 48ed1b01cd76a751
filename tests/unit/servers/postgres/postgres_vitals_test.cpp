// States of a server that take months to come about are judged as they should be.

#include <servers/postgres/vitals.hpp>
#include <unit/servers/postgres/postgres_health.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using querytap::detail::judged;
using querytap::detail::postgres_vitals;
using querytap::testing::measured_as;
using querytap::testing::worst_of;

namespace {

const postgres_probe_options by_default{};

std::string verdict(const postgres_vitals& vitals) { return worst_of(judged(vitals, by_default)); }

}  // namespace

TEST_CASE("wraparound is seen long before it comes", "[postgres_vitals]") {
  CHECK(verdict({.transaction_age = 200'000'000}) == "pass");
  CHECK(
      verdict({.transaction_age = 1'000'000'000}) ==
      "transaction_age warn: The oldest transaction that is not frozen is 1,000,000,000 back, 47 % "
      "of the way to wraparound, at which the server refuses to write.");
  CHECK(verdict({.transaction_age = 2'000'000'000}).find("transaction_age fail: ") == 0);
  CHECK(
      verdict({.multixact_age = 1'700'000'000}).find("multixact_age fail: The oldest multixact") ==
      0);
}

TEST_CASE("pages that do not match their checksum are a failure, and 0 of them are not",
          "[postgres_vitals]") {
  CHECK(verdict({.checksum_failures = 0}) == "pass");
  CHECK(verdict({.checksum_failures = 3}) ==
        "checksum_failures fail: Pages that did not match their checksum when they were read: 3.");
  CHECK(measured_as(judged({}, by_default), "checksum_failures") == "not measured");
}

TEST_CASE("replication is late by time or by size, whichever is worse", "[postgres_vitals]") {
  const postgres_vitals receiving{.is_standby = true, .receives = true};
  CHECK(verdict(receiving) == "pass");
  postgres_vitals late = receiving;
  late.replay_lag = 15.0;
  CHECK(verdict(late) == "replication_lag warn: The standby is 15.0 s behind its primary.");
  late.replay_lag = 61.0;
  CHECK(verdict(late) == "replication_lag fail: The standby is 61.0 s behind its primary.");
  postgres_vitals behind = receiving;
  behind.replay_lag_bytes = 3LL << 30;
  CHECK(verdict(behind) ==
        "replication_lag_bytes fail: The standby is 3.0 GiB of WAL behind its primary.");
  CHECK(verdict({.standbys = 2, .standby_lag = 12.5, .standby_lag_bytes = 5'000'000}) ==
        "replication_lag warn: A standby is 12.5 s behind its primary.");
}

TEST_CASE("a slot fails by what it holds and by what it has lost", "[postgres_vitals]") {
  CHECK(verdict({.held_wal = 11LL << 30, .holding_slot = "backup"}) ==
        "held_wal warn: The replication slot backup holds 11.0 GiB of WAL.");
  CHECK(verdict({.lost_slots = 1, .lost_slot = "old"}).find("lost_slots fail: ") == 0);
}

TEST_CASE("limits are those of the options", "[postgres_vitals]") {
  postgres_probe_options options;
  options.limits.connections = {0.5, 0.6};
  const auto with = [&](std::int64_t open) {
    return worst_of(judged({.connections = open, .max_connections = 100}, options));
  };
  CHECK(with(49) == "pass");
  CHECK(with(50) == "connections warn: 50 of 100 connections are open.");
  CHECK(with(60) == "connections fail: 60 of 100 connections are open.");
}
