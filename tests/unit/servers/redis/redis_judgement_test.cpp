// What INFO says becomes a verdict with a reason in numbers, for states too that a server is rarely in.

#include <servers/redis/redis_judgement.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using querytap::testing::measurement_in;
using querytap::testing::verdict;

namespace {

constexpr std::string_view well =
    "# Server\r\nredis_version:7.0.15\r\nloading:0\r\nrole:master\r\nconnected_slaves:1\r\n"
    "used_memory:1000\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\nmem_fragmentation_ratio:13."
    "9\r\n"
    "connected_clients:5\r\nmaxclients:100\r\nblocked_clients:2\r\nrejected_connections:7\r\n"
    "rdb_last_bgsave_status:ok\r\nrdb_changes_since_last_save:12\r\naof_enabled:0\r\n";

/// The answer with other values for some fields: `name:value` each.
std::string with(std::initializer_list<std::string_view> fields) {
  std::string info{well};
  for (const std::string_view field : fields) {
    const std::string name{field.substr(0, field.find(':') + 1)};
    const std::size_t at = info.find("\n" + name);
    if (at != std::string::npos) info.erase(at + 1, info.find('\n', at + 1) - at);
    info.append(field).append("\r\n");
  }
  return info;
}

health_answer judged(const std::string& info, const redis_probe_options& options = {},
                     std::optional<std::uint64_t> refused_before = 7) {
  return detail::judge_redis(detail::redis_info{info}, options, refused_before);
}

std::string verdict_on(std::initializer_list<std::string_view> fields,
                       const redis_probe_options& options = {}) {
  return verdict(judged(with(fields), options));
}

}  // namespace

TEST_CASE("a server in good order passes, with its values") {
  const health_answer answer = judged(with({}));
  CHECK(verdict(answer) == "pass");
  CHECK(measurement_in(answer, "connections")->value == 0.05);
  CHECK(measurement_in(answer, "blocked_clients")->value == 2.0);
  CHECK(measurement_in(answer, "replicas")->value == 1.0);
}

TEST_CASE("a server that loads its data set is not ready, and says for how long") {
  CHECK(verdict_on({"loading:1", "loading_eta_seconds:12"}) ==
        "fail loading: the server loads its data set, for about 12 s more");
  CHECK(verdict_on({"loading:1"}) == "fail loading: the server loads its data set");
}

TEST_CASE("a server with another role than it is needed as fails") {
  CHECK(verdict_on({}, {.role = redis_role::primary}) == "pass");
  CHECK(verdict_on({}, {.role = redis_role::replica}) ==
        "fail role: the server is a primary, but a replica is expected here");
  CHECK(verdict_on({"role:slave", "master_link_status:up"}, {.role = redis_role::primary}) ==
        "fail role: the server is a replica, but a primary is expected here");
}

TEST_CASE("a replica without its primary fails, also if it never had one") {
  CHECK(verdict_on({"role:slave", "master_link_status:up", "master_last_io_seconds_ago:0"}) ==
        "pass");
  CHECK(verdict_on({"role:slave", "master_link_status:down", "master_last_io_seconds_ago:-1",
                    "master_link_down_since_seconds:31"}) ==
        "fail primary_link: the link to the primary is down for 31 s");
  CHECK(verdict_on({"role:slave", "master_link_status:down", "master_last_io_seconds_ago:-1",
                    "master_link_down_since_seconds:-1", "master_sync_in_progress:1"}) ==
        "fail primary_link: the link to the primary has not been up yet; the data set is being "
        "copied");
  CHECK(verdict_on({"role:slave", "master_link_status:up", "master_last_io_seconds_ago:15"}) ==
        "warn primary_silence: the primary has sent nothing for 15 s");
}

TEST_CASE("a primary with fewer replicas than it should have is a warning") {
  CHECK(verdict_on({}, {.least_replicas = 1}) == "pass");
  CHECK(verdict_on({}, {.least_replicas = 2}) ==
        "warn replicas: replicas that are connected: 1, of 2 that should be");
}

TEST_CASE("full memory fails where nothing may be evicted, and is normal for a cache") {
  CHECK(verdict_on({"maxmemory:1050"}) ==
        "warn memory: memory is 95 % of maxmemory with the policy noeviction: writes fail when it "
        "is full");
  CHECK(verdict_on({"maxmemory:1000"}) ==
        "fail memory: memory is 100 % of maxmemory with the policy noeviction: writes fail when it "
        "is full");
  CHECK(verdict_on({"maxmemory:1000", "maxmemory_policy:allkeys-lru"}) == "pass");
  CHECK(verdict_on({"maxmemory:1000", "maxmemory_policy:volatile-ttl"}).starts_with("fail memory"));
}

TEST_CASE("fragmentation of a small server is none") {
  CHECK(verdict_on({"used_memory:200000000", "mem_fragmentation_ratio:1.72"}) ==
        "warn memory_fragmentation: the process has 1.7 times the memory that its data takes");
  CHECK(verdict_on({"used_memory:2000000", "mem_fragmentation_ratio:1.72"}) == "pass");
}

TEST_CASE("connections that are used up or were refused fail") {
  CHECK(verdict_on({"connected_clients:81"}) ==
        "warn connections: 81 of 100 connections are in use");
  CHECK(verdict_on({"connected_clients:95"}) ==
        "fail connections: 95 of 100 connections are in use");
  CHECK(verdict_on({"rejected_connections:10"}) ==
        "fail refused_connections: connections refused since the last look, as maxclients was "
        "reached: 3");
  // Before the first look, and of a server that was started anew, nothing is known.
  CHECK(verdict(judged(with({"rejected_connections:10"}), {}, std::nullopt)) == "pass");
  CHECK(verdict_on({"rejected_connections:0"}) == "pass");
}

TEST_CASE("what could not be written to disk fails") {
  CHECK(verdict_on({"rdb_last_bgsave_status:err"}) ==
        "fail background_save: the last snapshot could not be written; 12 changes are in memory "
        "alone, and "
        "writes may be refused");
  CHECK(verdict_on({"aof_enabled:1", "aof_last_write_status:err"}) ==
        "fail append_only_file: the append-only file could not be written, and writes are refused");
  CHECK(
      verdict_on({"aof_enabled:1", "aof_last_bgrewrite_status:err"}) ==
      "warn append_only_rewrite: the append-only file could not be rewritten, and goes on growing");
  CHECK(verdict_on({"aof_enabled:0", "aof_last_write_status:err"}) == "pass");
}

TEST_CASE("every verdict that is not well comes with advice") {
  const health_answer answer =
      judged(with({"loading:1", "role:slave", "master_link_status:down", "maxmemory:10",
                   "connected_clients:99", "rejected_connections:8", "rdb_last_bgsave_status:err"}),
             {.role = redis_role::primary});
  int bad = 0;
  for (const health_measurement& each : answer.measurements) {
    if (each.status == health_status::pass) continue;
    ++bad;
    CHECK(!each.advice.empty());
  }
  CHECK(bad == 7);
}

TEST_CASE("a version that reports less is judged by what it reports") {
  CHECK(verdict(judged("role:master\r\nused_memory:5\r\n")) == "pass");
  CHECK(verdict(judged("")) == "pass");
}

TEST_CASE("replicas that do not keep up are told from writes that are refused for want of them",
          "[redis]") {
  const auto verdict_of = [](std::string_view connected, std::string_view good,
                             std::optional<std::uint64_t> wanted) {
    const std::string info = with({connected, good});
    return verdict(detail::judge_redis(detail::redis_info{info}, {}, 7, wanted));
  };
  CHECK(verdict_of("connected_slaves:2", "min_slaves_good_slaves:2", 2) == "pass");
  CHECK(verdict_of("connected_slaves:2", "min_slaves_good_slaves:1", 1) ==
        "warn replicas_keeping_up: connected replicas that are further behind than "
        "min-replicas-max-lag allows: 1, of 2");
  CHECK(verdict_of("connected_slaves:2", "min_slaves_good_slaves:1", 2) ==
        "fail replicas_keeping_up: writes are refused: replicas that keep up: 1, of 2 that "
        "min-replicas-to-write asks for");
  CHECK(
      verdict_of("connected_slaves:0", "min_slaves_good_slaves:0", std::nullopt) ==
      "fail replicas_keeping_up: writes are refused: replicas that keep up: 0, of at least 1 that "
      "min-replicas-to-write asks for");
}
