// The check of a real server that is stopped, killed or frozen fails for the right reason within its interval, and the
// server is well again once it is back.

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/servers/redis/redis_probe.hpp>
#include <support/postgres_server.hpp>
#include <support/redis_server.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

// On a machine that is busy with other tests, a probe takes longer than on its own.
constexpr auto interval = 2s;
constexpr auto time_limit = 300ms;
constexpr auto within = interval + 3 * (time_limit + 100ms) + 2s;

/// One check, and how long it takes to notice something.
class watched_server {
 public:
  watched_server(std::string component, std::shared_ptr<health_probe> probe)
      : health_{telemetry_,
                {.checks = {{.component = std::move(component),
                             .probe = std::move(probe),
                             .interval = interval,
                             .time_limit = time_limit}}}} {}

  [[nodiscard]] bool becomes(health_status wanted) {
    const auto begin = std::chrono::steady_clock::now();
    while (report().status != wanted) {
      if (std::chrono::steady_clock::now() - begin > within) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  [[nodiscard]] health_report report() const { return health_.reports().at(0); }

 private:
  recorder telemetry_{{.service_name = "chatbot"}};
  health health_;
};

}  // namespace

TEST_CASE("the probe of a database cannot decide whether the process is alive", "[real_servers]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto refuses = [&](std::shared_ptr<health_probe> probe) {
    const health_options options{
        .checks = {
            {.component = "documents", .role = health_role::liveness, .probe = std::move(probe)}}};
    CHECK_THROWS_AS(health(telemetry, options), configuration_error);
  };
  refuses(std::make_shared<postgres_probe>(postgres_probe_options{}));
  refuses(std::make_shared<redis_probe>(redis_probe_options{}));
}

TEST_CASE("a PostgreSQL that is frozen, and one that crashes, fail within the interval",
          "[real_servers]") {
  postgres_server server;
  watched_server watched{"postgres", std::make_shared<postgres_probe>(postgres_probe_options{
                                         .connection_string = server.connection_string()})};
  REQUIRE(watched.becomes(health_status::pass));
  server.freeze();
  CHECK(watched.becomes(health_status::fail));
  CHECK(watched.report().reason == "The server did not answer in time.");
  server.resume();
  CHECK(watched.becomes(health_status::pass));
  server.crash();
  CHECK(watched.becomes(health_status::fail));
  CHECK_FALSE(watched.report().reason.empty());
  CHECK_FALSE(watched.report().advice.empty());
  server.recover();
  CHECK(watched.becomes(health_status::pass));
}

TEST_CASE("a Redis that stands still, and one that crashes, fail within the interval",
          "[real_servers]") {
  redis_server server;
  watched_server watched{
      "redis",
      std::make_shared<redis_probe>(redis_probe_options{
          .server = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(server.port())}})};
  REQUIRE(watched.becomes(health_status::pass));
  server.pause();
  CHECK(watched.becomes(health_status::fail));
  CHECK_FALSE(watched.report().reason.empty());
  server.resume();
  CHECK(watched.becomes(health_status::pass));
  server.crash();
  CHECK(watched.becomes(health_status::fail));
  server.restart();
  CHECK(watched.becomes(health_status::pass));
}
