// Each report of a call or a request, and each finding, leaves as one line of JSON in the
// documented shape.

#include <querytap/exporters/json/json.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a slow query leaves with all that is known of it", "[json]") {
  CHECK(to_json(slow_search()) ==
        R"({"type":"slow_query","number":7,"class":"slow","start":"2026-01-31T12:00:00.000Z",)"
        R"("duration":0.912,"threshold":0.1,"phases":{"execute":0.9,"fetch":0.012},)"
        R"("pool_wait":0.2,"system":"postgresql","namespace":"chatbot",)"
        R"("server":{"address":"10.0.0.7","port":5433},)"
        R"("statement":{"fingerprint":"0000000000c0ffee",)"
        R"("text":"select body from documents where id = $1","summary":"select documents"},)"
        R"("rows":3,"call_site":"src/store.cpp:42","function":"find","request":"POST /chat",)"
        R"("trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd",)"
        R"("thread":4711,"plan":{"shape":"000000000000feed","root":{"operation":"Sort",)"
        R"("inputs":[{"operation":"Seq Scan","table":"documents","condition":"id = ?",)"
        R"("rows":1000.0,"cost":12.5,"width":40.0}]}}})");
}

TEST_CASE("a failed call leaves with its error, and without what is not known", "[json]") {
  CHECK(to_json(failed_insert()) ==
        R"({"type":"slow_query","number":8,"class":"error","start":"2026-01-31T12:00:00.000Z",)"
        R"("duration":0.002,"phases":{},"system":"sqlite",)"
        R"("statement":{"fingerprint":"0000000000000bad",)"
        R"("text":"insert into chats values (?) returning id","summary":"insert chats"},)"
        R"("error":{"type":"SQLITE_FULL","status_code":"13"}})");
}

TEST_CASE("a call that still runs leaves with what it waits for and what SQLite counted",
          "[json]") {
  call_report running = failed_insert();
  running.reason = report_reason::running;
  running.error_type.clear();
  running.retries = 2;
  running.rows = 0;
  running.waits_for = "Lock: transactionid";
  running.parameters = "$1 text of 12 bytes";
  running.full_scan_steps = 100'000;
  running.sorts = 1;
  running.automatic_index_rows = 500;
  running.vm_steps = 1'500'000;
  running.reprepares = 1;
  running.filter_hits = 20;
  running.filter_misses = 99'980;
  running.statement_memory = 6'200;
  const json reported = json::parse(to_json(running));
  CHECK(reported.at("class") == "running");
  CHECK_FALSE(reported.contains("error"));
  CHECK(reported.at("retries") == 2);
  CHECK(reported.at("rows") == 0);
  CHECK(reported.at("waits_for") == "Lock: transactionid");
  CHECK(reported.at("parameters") == "$1 text of 12 bytes");
  CHECK(reported.at("full_scan_steps") == 100'000);
  CHECK(reported.at("sorts") == 1);
  CHECK(reported.at("automatic_index_rows") == 500);
  CHECK(reported.at("vm_steps") == 1'500'000);
  CHECK(reported.at("reprepares") == 1);
  CHECK(reported.at("filter_hits") == 20);
  CHECK(reported.at("filter_misses") == 99'980);
  CHECK(reported.at("statement_memory") == 6'200);
}

TEST_CASE("a plan leaves with what may differ from what ran", "[json]") {
  call_report call = failed_insert();
  call.plan = std::make_shared<const query_plan>(
      query_plan{.root = {.operation = "SCAN"}, .is_generic = true, .note = "generic plan"});
  const json plan = json::parse(to_json(call)).at("plan");
  CHECK(plan.at("generic") == true);
  CHECK(plan.at("note") == "generic plan");
}

TEST_CASE("a request leaves with its backends, statements and calls", "[json]") {
  request_report request = one_by_one(1);
  request.error_type = "timeout";
  request.caller = trace_of(0xAB, 0xEF);
  request.calls.back().failed = true;
  request.calls_left_out = 9;
  request.other_statements = 4;
  CHECK(to_json(request) ==
        R"({"type":"request","number":3,"name":"POST /chat","start":"2026-01-31T12:00:00.000Z",)"
        R"("duration":0.1,"application":0.085,"error":{"type":"timeout"},)"
        R"("trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd",)"
        R"("parent_span_id":"efefefefefefefef",)"
        R"("backends":[{"system":"postgresql","calls":2,"errors":0,"rows":2,"retries":0,)"
        R"("duration":0.015,"phases":{"execute":0.015}}],)"
        R"("statements":[{"system":"postgresql","statement":{"fingerprint":"0000000000000001",)"
        R"("text":"select id from chats where owner = $1","summary":"select chats"},)"
        R"("call_site":"src/store.cpp:30","function":"chats","calls":1,"errors":0,"rows":1,)"
        R"("duplicates":0,"duration":0.01,"slowest":0.01},)"
        R"({"system":"postgresql","statement":{"fingerprint":"0000000000000002",)"
        R"("text":"select body from documents where id = $1","summary":"select documents"},)"
        R"("call_site":"src/store.cpp:42","function":"find","calls":1,"errors":0,"rows":1,)"
        R"("duplicates":0,"duration":0.005,"slowest":0.005}],)"
        R"("calls":[{"statement":0,"begin":0.001,"duration":0.01},)"
        R"({"statement":1,"begin":0.02,"duration":0.005,"failed":true}],)"
        R"("calls_left_out":9,"other_statements":4})");
}

TEST_CASE("the calls of a request leave with their server, rows and errors", "[json]") {
  request_report request = one_by_one(1);
  request.statements[1].database = "chatbot";
  request.statements[1].server_address = "db.example";
  request.statements[1].server_port = 5433;
  request.calls[0].rows = 0;
  request.calls[1].failed = true;
  request.calls[1].error_type = "23505";
  request.calls[1].status_code = "23505";
  const json reported = json::parse(to_json(request));
  const json& statements = reported.at("statements");
  CHECK_FALSE(statements.at(0).contains("namespace"));
  CHECK_FALSE(statements.at(0).contains("server"));
  CHECK(statements.at(1).at("namespace") == "chatbot");
  CHECK(statements.at(1).at("server") == json{{"address", "db.example"}, {"port", 5433}});
  CHECK(reported.at("calls").at(0) ==
        json{{"statement", 0}, {"begin", 0.001}, {"duration", 0.01}, {"rows", 0}});
  CHECK(reported.at("calls").at(1).at("failed") == true);
  CHECK(reported.at("calls").at(1).at("error") ==
        json{{"type", "23505"}, {"status_code", "23505"}});
  CHECK_FALSE(reported.at("calls").at(1).contains("rows"));
}

TEST_CASE("a request leaves with its waits for pools, and how many like it were left out",
          "[json]") {
  request_report request;
  request.waits = {{"documents", 1ms, 5s, true}, {"chats", 6s, 20ms, false}};
  request.waits_left_out = 1;
  request.left_out = 37;
  const json reported = json::parse(to_json(request));
  CHECK(reported.at("waits") ==
        json::parse(R"([{"pool": "documents", "begin": 0.001, "duration": 5.0, "failed": true},)"
                    R"({"pool": "chats", "begin": 6.0, "duration": 0.02}])"));
  CHECK(reported.at("waits_left_out") == 1);
  CHECK(reported.at("left_out") == 37);
}

TEST_CASE("a pool leaves with its leases", "[json]") {
  const pool_report pool{.name = "documents",
                         .maximum = 10,
                         .used = 2,
                         .waiting = 2,
                         .longest_wait = 1500ms,
                         .timeouts = 3,
                         .leases = {{.number = 17,
                                     .site = {"src/store.cpp", 42, "find"},
                                     .request = "POST /chat",
                                     .age = 45s,
                                     .server_pid = 4711,
                                     .thread = 99},
                                    {.number = 18, .age = 1s}}};
  const std::string line =
      R"({"type":"pool","name":"documents","maximum":10,"used":2,"waiting":2,"longest_wait":1.5,)"
      R"("timeouts":3,"leases":[{"number":17,"age":45.0,"call_site":"src/store.cpp:42",)"
      R"("function":"find","request":"POST /chat","server_pid":4711,"thread":99},)"
      R"({"number":18,"age":1.0}]})";
  CHECK(to_json(pool) == line);
  snapshot current;
  current.pools = {pool};
  current.active_requests = {{"POST /chat", 3s}};
  const json document = json::parse(to_json(current));
  CHECK(document.at("pools") == json::array({json::parse(line)}));
  CHECK(document.at("active_requests").dump() == R"([{"name":"POST /chat","seconds":3.0}])");
}

TEST_CASE("a pool leaves with its limits, its load and what it connects", "[json]") {
  const pool_report pool{.name = "documents",
                         .maximum = 10,
                         .minimum = 2,
                         .idle = 3,
                         .connecting = 1,
                         .age = 60s,
                         .uses = 1200,
                         .use_time = 30s};
  CHECK(
      to_json(pool) ==
      R"({"type":"pool","name":"documents","maximum":10,"used":0,"waiting":0,"timeouts":0,)"
      R"("minimum":2,"idle":3,"connecting":1,"age":60.0,"uses":1200,"use_time":30.0,"leases":[]})");
}

TEST_CASE("a finding about a pool leaves with its name", "[json]") {
  finding found = n_plus_one();
  found.pool = "documents";
  CHECK(json::parse(to_json(found)).at("pool") == "documents");
}

TEST_CASE("a finding leaves with its evidence", "[json]") {
  CHECK(
      to_json(n_plus_one()) ==
      R"({"type":"finding","number":1,"kind":"n_plus_one","time":"2026-01-31T12:00:00.000Z",)"
      R"("seen":4,"message":"11 calls of one statement from one line",)"
      R"("advice":"Ask for all of them at once: where id = any($1), in one call","system":"postgresql",)"
      R"("statement":{"fingerprint":"0000000000000002",)"
      R"("text":"select body from documents where id = $1","summary":"select documents"},)"
      R"("table":"documents","call_site":"src/store.cpp:42","function":"find",)"
      R"("request":"POST /chat","calls":11,"cost":0.055,"evidence":{"calls":11,"share":0.55}})");
}

TEST_CASE("a record is one line of valid UTF-8, with any text in it", "[json]") {
  const std::string troublesome = "\xFF\n\r\"\\\x01 ü";
  call_report slow = slow_search();
  slow.statement = statement_of(1, troublesome);
  slow.error_type = slow.request = slow.parameters = slow.site.file = troublesome;
  request_report request = one_by_one();
  request.name = request.statements[0].site.function = troublesome;
  finding found = n_plus_one();
  found.message = troublesome;
  found.evidence.set({troublesome, troublesome});
  const std::string expected = "\xEF\xBF\xBD\n\r\"\\\x01 ü";
  for (const std::string& line : {to_json(slow), to_json(request), to_json(found)}) {
    CHECK(line.find_first_of("\n\r") == std::string::npos);
    CHECK(json::parse(line).is_object());
  }
  CHECK(json::parse(to_json(slow)).at("statement").at("text") == expected);
  CHECK(json::parse(to_json(request)).at("name") == expected);
  CHECK(json::parse(to_json(found)).at("evidence").at(expected) == expected);
}

TEST_CASE("a snapshot has calls, requests and findings in the form of their own lines", "[json]") {
  snapshot current;
  current.call_reports = {std::make_shared<const call_report>(slow_search()),
                          std::make_shared<const call_report>(failed_insert())};
  current.requests = {std::make_shared<const request_report>(one_by_one())};
  current.findings = {std::make_shared<const finding>(n_plus_one())};
  const json document = json::parse(to_json(current));
  CHECK(document.at("slow").size() == 2);
  CHECK(document.at("slow").at(1) == json::parse(to_json(failed_insert())));
  CHECK(document.at("requests") == json::array({json::parse(to_json(one_by_one()))}));
  CHECK(document.at("findings") == json::array({json::parse(to_json(n_plus_one()))}));
}
