// Slow queries, findings and requests become events and spans by OpenTelemetry's conventions.

#include <querytap/exporters/otlp/otlp_events.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

std::string one_per_line(const attributes& set) {
  std::string text;
  for (const attribute& item : set) text += item.key + '=' + to_string(item.value) + '\n';
  return text;
}

}  // namespace

TEST_CASE("a slow query is an event in its trace, at its end, with all that is known of it") {
  const log_record event = to_log_record(slow_search());
  CHECK(event.event_name == "querytap.operation.slow");
  CHECK(event.time == noon + 912ms);
  CHECK(event.severity == severity::warning);
  CHECK(event.body == "select documents took 912 ms at src/store.cpp:42");
  CHECK(event.trace == trace_of(0xAB, 0xCD));
  CHECK(one_per_line(event.attributes) ==
        "code.file.path=src/store.cpp\n"
        "code.function.name=find\n"
        "code.line.number=42\n"
        "db.namespace=chatbot\n"
        "db.query.summary=select documents\n"
        "db.query.text=select body from documents where id = $1\n"
        "db.response.returned_rows=3\n"
        "db.system.name=postgresql\n"
        "querytap.operation.class=slow\n"
        "querytap.operation.duration=0.912\n"
        "querytap.operation.phase.execute=0.9\n"
        "querytap.operation.phase.fetch=0.012\n"
        "querytap.operation.pool_wait=0.2\n"
        "querytap.operation.threshold=0.1\n"
        "querytap.plan.shape=000000000000feed\n"
        "querytap.plan.text=Sort\n  Seq Scan on documents where id = ?, 1000 rows\n\n"
        "querytap.request.name=POST /chat\n"
        "querytap.statement=0000000000c0ffee\n"
        "server.address=10.0.0.7\n"
        "server.port=5433\n"
        "thread.id=4711\n");
}

TEST_CASE("a failed call is an event with its error, and without what is not known") {
  const log_record event = to_log_record(failed_insert());
  CHECK(event.event_name == "querytap.operation.failed");
  CHECK(event.severity == severity::error);
  CHECK(event.body == "insert chats failed after 2.00 ms");
  CHECK_FALSE(event.trace.has_value());
  CHECK(one_per_line(event.attributes) ==
        "db.query.summary=insert chats\n"
        "db.query.text=insert into chats values (?) returning id\n"
        "db.response.status_code=13\n"
        "db.system.name=sqlite\n"
        "error.type=SQLITE_FULL\n"
        "querytap.operation.class=error\n"
        "querytap.operation.duration=0.002\n"
        "querytap.statement=0000000000000bad\n");
}

TEST_CASE("each class of call has its event, severity and words") {
  const auto reported = [](report_reason reason) {
    call_report report = slow_search();
    report.reason = reason;
    const log_record event = to_log_record(report);
    return event.event_name + ' ' + std::string{to_string(event.severity)} + ": " + event.body;
  };
  const std::string rest = " 912 ms at src/store.cpp:42";
  CHECK(reported(report_reason::running) ==
        "querytap.operation.running WARN: select documents has been running for" + rest);
  CHECK(reported(report_reason::timeout) ==
        "querytap.operation.failed ERROR: select documents timed out after" + rest);
  CHECK(reported(report_reason::cancelled) ==
        "querytap.operation.failed WARN: select documents was cancelled after" + rest);
}

TEST_CASE("what a call waits for and what SQLite counted has names under querytap") {
  call_report report = failed_insert();
  report.retries = 2;
  report.rows = 0;
  report.waits_for = "Lock: transactionid";
  report.parameters = "$1 text of 12 bytes";
  report.full_scan_steps = 100'000;
  report.sorts = 1;
  report.automatic_index_rows = 500;
  report.vm_steps = 1'500'000;
  report.reprepares = 1;
  report.filter_hits = 20;
  report.filter_misses = 99'980;
  report.statement_memory = 6'200;
  CHECK_THAT(one_per_line(to_log_record(report).attributes),
             Catch::Contains("db.response.returned_rows=0\n") &&
                 Catch::Contains("querytap.operation.automatic_index_rows=500\n") &&
                 Catch::Contains("querytap.operation.filter_hits=20\n") &&
                 Catch::Contains("querytap.operation.filter_misses=99980\n") &&
                 Catch::Contains("querytap.operation.full_scan_steps=100000\n") &&
                 Catch::Contains("querytap.operation.parameters=$1 text of 12 bytes\n") &&
                 Catch::Contains("querytap.operation.reprepares=1\n") &&
                 Catch::Contains("querytap.operation.retries=2\n") &&
                 Catch::Contains("querytap.operation.sorts=1\n") &&
                 Catch::Contains("querytap.operation.statement_memory=6200\n") &&
                 Catch::Contains("querytap.operation.vm_steps=1500000\n") &&
                 Catch::Contains("querytap.operation.waits_for=Lock: transactionid\n"));
}

TEST_CASE("a finding is an event with its advice and evidence") {
  const log_record event = to_log_record(n_plus_one());
  CHECK(event.event_name == "querytap.finding");
  CHECK(event.time == noon);
  CHECK(event.severity == severity::warning);
  CHECK(event.body == "11 calls of one statement from one line");
  CHECK(one_per_line(event.attributes) ==
        "code.file.path=src/store.cpp\n"
        "code.function.name=find\n"
        "code.line.number=42\n"
        "db.query.summary=select documents\n"
        "db.query.text=select body from documents where id = $1\n"
        "db.system.name=postgresql\n"
        "querytap.finding.advice=Ask for all of them at once: where id = any($1), in one call\n"
        "querytap.finding.calls=11\n"
        "querytap.finding.cost=0.055\n"
        "querytap.finding.evidence.calls=11\n"
        "querytap.finding.evidence.share=0.55\n"
        "querytap.finding.kind=n_plus_one\n"
        "querytap.finding.number=1\n"
        "querytap.finding.seen=4\n"
        "querytap.finding.table=documents\n"
        "querytap.request.name=POST /chat\n"
        "querytap.statement=0000000000000002\n");
}

TEST_CASE("a request is a server's span, and each of its calls a client's within it") {
  request_report report = one_by_one(2);
  report.caller = trace_of(0xAB, 0xEF);
  report.calls_left_out = 9;
  const std::vector<span_record> spans = to_spans(report);
  REQUIRE(spans.size() == 4);
  CHECK(spans[0].self == report.self);
  CHECK(spans[0].parent == report.caller->span_id);
  CHECK(spans[0].parent_is_remote);
  CHECK(spans[0].name == "POST /chat");
  CHECK(spans[0].kind == span_kind::server);
  CHECK(spans[0].start == noon);
  CHECK(spans[0].end == noon + 100ms);
  CHECK(spans[0].status == span_status::unset);
  CHECK(one_per_line(spans[0].attributes) ==
        "querytap.request.application.duration=0.08\n"
        "querytap.request.calls_left_out=9\n"
        "querytap.request.name=POST /chat\n");
  const span_record& call = spans[3];
  CHECK(call.self.trace_id == report.self.trace_id);
  CHECK(call.self.flags == report.self.flags);
  CHECK(call.parent == report.self.span_id);
  CHECK_FALSE(call.parent_is_remote);
  CHECK(call.name == "select documents");
  CHECK(call.kind == span_kind::client);
  CHECK(call.start == noon + 26ms);
  CHECK(call.end == noon + 31ms);
  CHECK(one_per_line(call.attributes) ==
        "code.file.path=src/store.cpp\n"
        "code.function.name=find\n"
        "code.line.number=42\n"
        "db.query.summary=select documents\n"
        "db.query.text=select body from documents where id = $1\n"
        "db.system.name=postgresql\n"
        "querytap.statement=0000000000000002\n");
}

TEST_CASE("a request that was in no trace begins one") {
  const span_record span = to_spans(one_by_one()).front();
  CHECK(span.parent == std::array<std::uint8_t, 8>{});
  CHECK_FALSE(span.parent_is_remote);
}

TEST_CASE("what failed has an error for its status, and its type") {
  request_report report = one_by_one(1);
  report.error_type = "timeout";
  report.calls.back().failed = true;
  const std::vector<span_record> spans = to_spans(report);
  CHECK(spans[0].status == span_status::error);
  CHECK(*spans[0].attributes.find("error.type") == attribute_value{std::string{"timeout"}});
  CHECK(spans[1].status == span_status::unset);
  CHECK(spans[1].attributes.find("error.type") == nullptr);
  CHECK(spans[2].status == span_status::error);
  CHECK(*spans[2].attributes.find("error.type") == attribute_value{std::string{"_OTHER"}});
}

TEST_CASE("the span of a call says where it went, what it returned and how it failed") {
  request_report report = one_by_one(2);
  statement_share& documents = report.statements[1];
  documents.database = "chatbot";
  documents.server_address = "db.example";
  documents.server_port = 5433;
  report.statements[0].server_port = 5433;  // of an address that is not known
  report.calls[0].rows = 0;
  report.calls[1].rows = 3;
  report.calls[2].failed = true;
  report.calls[2].error_type = "23505";
  report.calls[2].status_code = "23505";
  const std::vector<span_record> spans = to_spans(report);
  const auto attribute_of = [&](std::size_t span, std::string_view key) {
    const attribute_value* value = spans[span].attributes.find(key);
    return value == nullptr ? "-" : to_string(*value);
  };
  struct example {
    std::string_view key;
    std::array<std::string_view, 3> of_calls;
  };
  for (const example& each : {example{"db.namespace", {"-", "chatbot", "chatbot"}},
                              example{"server.address", {"-", "db.example", "db.example"}},
                              example{"server.port", {"-", "5433", "5433"}},
                              example{"db.response.returned_rows", {"0", "3", "-"}},
                              example{"db.response.status_code", {"-", "-", "23505"}},
                              example{"error.type", {"-", "-", "23505"}}}) {
    CAPTURE(each.key);
    for (std::size_t i = 0; i < 3; ++i) CHECK(attribute_of(i + 1, each.key) == each.of_calls[i]);
  }
  CHECK(*spans[2].attributes.find("server.port") == attribute_value{std::int64_t{5433}});
  CHECK(*spans[2].attributes.find("db.response.returned_rows") == attribute_value{std::int64_t{3}});
  CHECK(spans[3].status == span_status::error);
}

TEST_CASE("the port of a server is reported with its address alone") {
  call_report report = slow_search();
  report.server_port = 5433;
  report.server_address = "";
  CHECK(to_log_record(report).attributes.find("server.port") == nullptr);
  report.server_address = "db.example";
  CHECK(*to_log_record(report).attributes.find("server.port") ==
        attribute_value{std::int64_t{5433}});
}

TEST_CASE("a call without summary has the name of its backend") {
  request_report report = one_by_one(1);
  report.statements[0].statement = nullptr;
  report.calls.back().statement = 99;  // a statement that found no room
  const std::vector<span_record> spans = to_spans(report);
  CHECK(spans[1].name == "postgresql");
  CHECK(spans[2].name == "_OTHER");
}

TEST_CASE("the ids of the calls are valid, of their own, and the same each time") {
  const request_report report = one_by_one(5000);
  std::set<std::string> ids;
  for (const span_record& span : to_spans(report)) ids.insert(span_id_text(span.self));
  CHECK(ids.size() == 5002);
  CHECK_FALSE(ids.contains("0000000000000000"));
  CHECK(to_spans(report)[17].self == to_spans(report)[17].self);
  request_report other = report;
  other.self = trace_of(0xAB, 0xCE);
  CHECK_FALSE(ids.contains(span_id_text(to_spans(other)[17].self)));
}

TEST_CASE("an id that would be 0 becomes another") {
  request_report report = one_by_one(1);
  // The first step adds this number to that of the request: together they are 0, which stays 0.
  const std::uint64_t step = 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < 8; ++i) {
    report.self.span_id[i] = static_cast<std::uint8_t>((0 - step) >> (56 - 8 * i));
  }
  CHECK(span_id_text(to_spans(report)[1].self) == "0000000000000001");
}

TEST_CASE("a wait for a pool is a span with the pool's name, behind those of the calls") {
  request_report report = one_by_one(2);
  report.waits = {{"documents", 1ms, 20ms, false}, {"documents", 30ms, 5s, true}};
  report.waits_left_out = 4;
  report.left_out = 9;
  const std::vector<span_record> spans = to_spans(report);
  REQUIRE(spans.size() == 1 + 3 + 2);
  const span_record& wait = spans[4];
  CHECK(wait.name == "pool documents");
  CHECK(wait.kind == span_kind::internal);
  CHECK(wait.parent == report.self.span_id);
  CHECK(wait.start == report.start + 1ms);
  CHECK(wait.end == report.start + 21ms);
  CHECK(to_string(wait.attributes) == "db.client.connection.pool.name=documents");
  CHECK(wait.status == span_status::unset);
  CHECK(spans[5].status == span_status::error);
  CHECK_THAT(to_string(spans[5].attributes), Catch::Contains("error.type=pool_timeout"));
  CHECK_FALSE(spans[4].self == spans[5].self);
  CHECK_THAT(to_string(spans[0].attributes), Catch::Contains("querytap.request.waits_left_out=4") &&
                                                 Catch::Contains("querytap.request.left_out=9"));
  finding found = n_plus_one();
  found.pool = "documents";
  CHECK_THAT(to_string(to_log_record(found).attributes),
             Catch::Contains("db.client.connection.pool.name=documents"));
}
