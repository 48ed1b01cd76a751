#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace querytap::testing {

[[nodiscard]] inline std::shared_ptr<const statement_identity> summarised(std::uint64_t fingerprint,
                                                                          std::string text,
                                                                          std::string summary) {
  return std::make_shared<const statement_identity>(statement_identity{
      .fingerprint = fingerprint, .text = std::move(text), .summary = std::move(summary)});
}

/// 31 January 2026, 12:00:00 UTC.
inline constexpr std::chrono::system_clock::time_point noon =
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + std::chrono::hours{12};

[[nodiscard]] inline trace_context trace_of(std::uint8_t trace, std::uint8_t span) {
  trace_context made{.flags = trace_context::sampled_flag};
  made.trace_id.fill(trace);
  made.span_id.fill(span);
  return made;
}

/// A slow query of which everything is known.
[[nodiscard]] inline call_report slow_search() {
  using namespace std::chrono_literals;
  call_report one{.number = 7,
                  .system = "postgresql",
                  .database = "chatbot",
                  .server_address = "10.0.0.7",
                  .server_port = 5433,
                  .statement = summarised(0xC0FFEE, "select body from documents where id = $1",
                                          "select documents")};
  one.start = noon;
  one.duration = 912ms;
  one.threshold = 100ms;
  one.phases[phase::execute] = 900ms;
  one.phases[phase::fetch] = 12ms;
  one.pool_wait = 200ms;
  one.rows = 3;
  one.site = {"src/store.cpp", 42, "find"};
  one.request = "POST /chat";
  one.trace = trace_of(0xAB, 0xCD);
  one.thread = 4711;
  one.plan =
      std::make_shared<const query_plan>(query_plan{.root = {.operation = "Sort",
                                                             .inputs = {{.operation = "Seq Scan",
                                                                         .table = "documents",
                                                                         .condition = "id = ?",
                                                                         .estimated_rows = 1000,
                                                                         .estimated_cost = 12.5,
                                                                         .row_width = 40}}},
                                                    .shape = 0xFEED});
  return one;
}

/// A call that the server ended, of which little is known.
[[nodiscard]] inline call_report failed_insert() {
  using namespace std::chrono_literals;
  call_report one{.number = 8, .reason = report_reason::error, .system = "sqlite"};
  one.statement = summarised(0xBAD, "insert into chats values (?) returning id", "insert chats");
  one.start = noon;
  one.duration = 2ms;
  one.error_type = "SQLITE_FULL";
  one.status_code = "13";
  return one;
}

/// A request that asks for its documents one by one.
[[nodiscard]] inline request_report one_by_one(std::uint64_t documents = 3) {
  using namespace std::chrono_literals;
  request_report one{.number = 3, .name = "POST /chat"};
  one.start = noon;
  one.duration = 100ms;
  one.self = trace_of(0xAB, 0xCD);
  one.statements = {
      {.system = "postgresql",
       .statement = summarised(1, "select id from chats where owner = $1", "select chats"),
       .site = {"src/store.cpp", 30, "chats"},
       .calls = 1,
       .rows = documents,
       .time = 10ms,
       .slowest = 10ms},
      {.system = "postgresql",
       .statement = summarised(2, "select body from documents where id = $1", "select documents"),
       .site = {"src/store.cpp", 42, "find"},
       .calls = documents,
       .rows = documents,
       .time = documents * 5ms,
       .slowest = 5ms}};
  one.calls.push_back({.statement = 0, .begin = 1ms, .duration = 10ms});
  for (std::uint64_t i = 0; i < documents; ++i) {
    one.calls.push_back({.statement = 1, .begin = 20ms + i * 6ms, .duration = 5ms});
  }
  backend_share share{
      .system = "postgresql", .calls = 1 + documents, .rows = 2 * documents, .phases = {}};
  share.phases[phase::execute] = 10ms + documents * 5ms;
  one.application = one.duration - share.phases.total();
  one.backends = {share};
  return one;
}

/// What is found in `one_by_one`.
[[nodiscard]] inline finding n_plus_one() {
  using namespace std::chrono_literals;
  return {
      .number = 1,
      .kind = finding_kind::n_plus_one,
      .system = "postgresql",
      .statement = summarised(2, "select body from documents where id = $1", "select documents"),
      .table = "documents",
      .site = {"src/store.cpp", 42, "find"},
      .request = "POST /chat",
      .calls = 11,
      .cost = 55ms,
      .message = "11 calls of one statement from one line",
      .advice = "Ask for all of them at once: where id = any($1), in one call",
      .evidence = {{"calls", 11}, {"share", 0.55}},
      .time = noon,
      .seen = 4};
}

}  // namespace querytap::testing
