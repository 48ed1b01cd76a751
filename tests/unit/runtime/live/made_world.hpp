#pragma once

#include <querytap/snapshot/catalog.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace querytap::testing {

/// A chatbot in an incident: something of everything that the page has a view for.
[[nodiscard]] inline snapshot incident() {
  using namespace std::chrono_literals;
  const attributes pool{{"db.client.connection.pool.name", "documents"}};
  snapshot_builder builder;
  builder.set_resource({"service.name", "chatbot"});
  builder.add(catalog::connection_max, pool, 10);
  builder.add(catalog::connection_pending_requests, pool, 3);
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}},
                 {1'000'000, 3'000'000}, summarised(1, "select 1 from chats", "select chats"));
  builder.record(
      catalog::operation_duration,
      {{"db.system.name", "sqlite"}, {"error.type", "23505"}, {"db.response.status_code", "23505"}},
      {500'000}, summarised(1, "select 1 from chats", "select chats"));
  builder.record(
      catalog::operation_duration, {{"db.system.name", "postgresql"}}, {50'000'000},
      summarised(0xC0FFEE, "select body from documents where id = $1", "select documents"));
  builder.record(
      catalog::returned_rows, {{"db.system.name", "postgresql"}}, {7},
      summarised(0xC0FFEE, "select body from documents where id = $1", "select documents"));
  builder.record(catalog::request_duration, {{"querytap.request.name", "POST /chat"}},
                 {100'000'000});
  builder.add(catalog::lanes, {}, 12);
  snapshot made = builder.get();
  made.start = noon - 5h;
  made.time = noon + 42s;
  made.span = 5h;
  made.findings = {std::make_shared<const finding>(n_plus_one())};
  made.call_reports = {std::make_shared<const call_report>(slow_search()),
                       std::make_shared<const call_report>(failed_insert())};
  made.requests = {std::make_shared<const request_report>(one_by_one())};
  made.active_requests = {{"POST /chat", 34s}};
  made.pools = {{.name = "documents",
                 .maximum = 10,
                 .used = 10,
                 .waiting = 3,
                 .held_after = 30s,
                 .leases = {{.number = 17,
                             .site = {"src/store.cpp", 42, "find"},
                             .request = "POST /chat",
                             .age = 45s,
                             .server_pid = 4711},
                            {.number = 18, .age = 3ms}}}};
  made.health = {{.component = "redis",
                  .needed_for = "remembering conversations",
                  .status = health_status::fail,
                  .since = noon,
                  .reason = "nothing listens there",
                  .advice = "start it",
                  .measurements = {{.name = "memory",
                                    .status = health_status::warn,
                                    .value = 0.95,
                                    .unit = "1",
                                    .limit = 0.9}}}};
  return made;
}

}  // namespace querytap::testing
