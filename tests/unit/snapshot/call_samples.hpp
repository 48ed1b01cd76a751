#pragma once

#include <querytap/query/identify.hpp>
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
  statement_identity made = identify(text, dialect::postgresql);
  made.fingerprint = fingerprint;
  made.text = std::move(text);
  made.summary = std::move(summary);
  return std::make_shared<const statement_identity>(std::move(made));
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

/// A slow query with every field set.
[[nodiscard]] inline call_report slow_search() {
  using namespace std::chrono_literals;
  call_report report{.number = 7,
                     .system = "postgresql",
                     .database = "chatbot",
                     .server_address = "10.0.0.7",
                     .server_port = 5433,
                     .statement = summarised(0xC0FFEE, "select body from documents where id = $1",
                                             "select documents")};
  report.start = noon;
  report.duration = 912ms;
  report.threshold = 100ms;
  report.phases[phase::execute] = 900ms;
  report.phases[phase::fetch] = 12ms;
  report.pool_wait = 200ms;
  report.rows = 3;
  report.site = {"src/store.cpp", 42, "find"};
  report.request = "POST /chat";
  report.trace = trace_of(0xAB, 0xCD);
  report.thread = 4711;
  report.plan =
      std::make_shared<const query_plan>(query_plan{.root = {.operation = "Sort",
                                                             .inputs = {{.operation = "Seq Scan",
                                                                         .table = "documents",
                                                                         .condition = "id = ?",
                                                                         .estimated_rows = 1000,
                                                                         .estimated_cost = 12.5,
                                                                         .row_width = 40}}},
                                                    .shape = 0xFEED});
  return report;
}

/// A call that the server ended, with few fields set.
[[nodiscard]] inline call_report failed_insert() {
  using namespace std::chrono_literals;
  call_report report{.number = 8, .reason = report_reason::error, .system = "sqlite"};
  report.statement = summarised(0xBAD, "insert into chats values (?) returning id", "insert chats");
  report.start = noon;
  report.duration = 2ms;
  report.error_type = "SQLITE_FULL";
  report.status_code = "13";
  return report;
}

/// A request that asks for its documents one by one.
[[nodiscard]] inline request_report one_by_one(std::uint64_t documents = 3) {
  using namespace std::chrono_literals;
  request_report report{.number = 3, .name = "POST /chat"};
  report.start = noon;
  report.duration = 100ms;
  report.self = trace_of(0xAB, 0xCD);
  report.statements = {
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
  report.calls.push_back({.statement = 0, .begin = 1ms, .duration = 10ms});
  for (std::uint64_t i = 0; i < documents; ++i) {
    report.calls.push_back({.statement = 1, .begin = 20ms + i * 6ms, .duration = 5ms});
  }
  backend_share share{
      .system = "postgresql", .calls = 1 + documents, .rows = 2 * documents, .phases = {}};
  share.phases[phase::execute] = 10ms + documents * 5ms;
  report.application = report.duration - share.phases.total();
  report.backends = {share};
  return report;
}

/// The finding in `one_by_one`.
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
