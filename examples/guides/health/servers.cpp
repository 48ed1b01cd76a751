#include <querytap/querytap.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/servers/host/host_collector.hpp>
#include <querytap/servers/host/process_collector.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/servers/redis/redis_collector.hpp>
#include <querytap/servers/redis/redis_probe.hpp>

// [readme]
using querytap::health_role;

querytap::health_options checks(const std::string& watcher, const querytap::redis_address& cache) {
  querytap::health_check store{.component = "postgres", .needed_for = "finding passages"};
  store.probe = std::make_shared<querytap::postgres_probe>(
      querytap::postgres_probe_options{.connection_string = watcher});
  store.traffic = {{"db.system.name", "postgresql"}};
  querytap::health_check sessions{
      .component = "redis", .needed_for = "sessions", .role = health_role::optional};
  sessions.probe =
      std::make_shared<querytap::redis_probe>(querytap::redis_probe_options{.server = cache});
  return {.checks = {store, sessions}};
}

querytap::collectors_options sources(const std::string& watcher,
                                     const querytap::redis_address& cache) {
  querytap::postgres_collector_options server;
  server.connection_string = watcher;
  return {.sources = {std::make_shared<querytap::process_collector>(),
                      std::make_shared<querytap::host_collector>(),
                      std::make_shared<querytap::postgres_collector>(server),
                      std::make_shared<querytap::redis_collector>(
                          querytap::redis_collector_options{.server = cache})}};
}

void serve(querytap::recorder& recorder) {
  const std::string watcher = "host=db dbname=chat user=watcher";
  const querytap::redis_address cache{.host = "cache"};
  const querytap::health health{recorder, checks(watcher, cache)};
  const querytap::collectors servers{recorder, sources(watcher, cache)};
  const querytap::scrape_endpoint endpoint{recorder};
  // … until the service ends
}
// [/readme]
