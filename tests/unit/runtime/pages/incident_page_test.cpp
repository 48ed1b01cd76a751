// The page answers what a person asks in an incident, the most urgent first, and shows nothing as markup
// that came from outside.

#include <querytap/snapshot/catalog.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <runtime/pages/html.hpp>
#include <runtime/pages/incident_page.hpp>
#include <runtime/pages/page_sections.hpp>
#include <runtime/pages/page_style.hpp>
#include <runtime/pages/pool_table.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace querytap;
using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

template <class Record>
std::shared_ptr<const Record> shared(const Record& record) {
  return std::make_shared<const Record>(record);
}

/// What a reader sees: the text between the tags, in one line.
std::string words_of(const std::string& html) {
  std::string words;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    const bool is_blank = in_tag || c == '\n' || c == ' ';
    if (!is_blank) words += c;
    if (is_blank && !words.empty() && words.back() != ' ') words += ' ';
    if (c == '>') in_tag = false;
  }
  return words;
}

active_call in_flight(std::uint64_t fingerprint, std::chrono::nanoseconds age) {
  const auto series = std::make_shared<const series_identity>(
      series_identity{&catalog::operation_duration, {{"db.system.name", "postgresql"}}});
  return {series, statement_of(fingerprint, "update hits"), age};
}

void add_pool(snapshot_builder& builder, std::string_view name, std::int64_t used,
              std::int64_t waiting, const std::vector<std::uint64_t>& waits) {
  const attributes pool{{"db.client.connection.pool.name", name}};
  const auto in_state = [&](std::string_view state) {
    attributes both = pool;
    both.set({"db.client.connection.state", state});
    return both;
  };
  builder.add(catalog::connection_max, pool, 10);
  builder.add(catalog::connection_count, in_state("used"), used);
  builder.add(catalog::connection_count, in_state("idle"), 10 - used);
  builder.add(catalog::connection_pending_requests, pool, waiting);
  builder.add(catalog::connection_timeouts, pool, 2 * waiting);
  builder.record(catalog::connection_wait_time, pool, waits);
}

snapshot everything() {
  snapshot_builder builder;
  builder.set_resource({"service.name", "chatbot"});
  add_pool(builder, "documents", 10, 3, {300'000'000});
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}}, {1'000'000},
                 statement_of(1, "select 1"));
  snapshot shown = builder.get();
  shown.start = noon - 5h;
  shown.time = noon + 42s;
  shown.findings = {shared(n_plus_one())};
  shown.active = {in_flight(9, 34s)};
  shown.call_reports = {shared(slow_search()), shared(failed_insert())};
  shown.requests = {shared(one_by_one())};
  return shown;
}

}  // namespace

TEST_CASE("what is most urgent stands first", "[page]") {
  const std::string page = render_incident_page(everything());
  std::vector<std::size_t> places;
  for (const std::string part :
       {"findings", "running", "slow", "pools", "requests", "statements"}) {
    places.push_back(page.find("<section id=\"" + part + "\""));
    CHECK(places.back() != std::string::npos);
  }
  CHECK(std::ranges::is_sorted(places));
}

TEST_CASE("the first lines say how many things are wrong", "[page]") {
  CHECK_THAT(words_of(render_incident_page(everything())),
             Catch::Contains("chatbot 2026-01-31 12:00:42 UTC · counting since 07:00:00 UTC, 5 h "
                             "ago · every 5 s, pause to read 1 finding 1 still running 2 slow or "
                             "failed 3 waiting for a connection"));
  snapshot calm;
  calm.time = noon;
  const std::string page = render_incident_page(calm);
  CHECK_THAT(words_of(page), Catch::Contains("0 findings 0 still running 0 slow or failed "
                                             "0 waiting for a connection"));
  CHECK(page.find("id=\"findings\"") == std::string::npos);
}

TEST_CASE("a finding says what is wrong, where, and what to do", "[page]") {
  CHECK(words_of(findings_part(everything())) ==
        "Findings n_plus_one 11 calls of one statement from one line select body from documents "
        "where id = $1 src/store.cpp:42 · POST /chat · postgresql · table documents · 11 calls · "
        "55.0 ms · seen 4 times · 12:00:00 UTC, 42 s ago Ask for all of them at once: where id = "
        "any($1), in one call ");
}

TEST_CASE("a slow query shows its phases, statement, line, request and plan", "[page]") {
  snapshot shown;
  shown.time = noon + 42s;
  shown.call_reports = {shared(slow_search())};
  const std::string part = slow_part(shown);
  CHECK(
      words_of(part) ==
      "Slow and failed 912 ms slow 12:00:00 UTC, 42 s ago select body from documents where id = "
      "$1 execute 900 ms (99 %) fetch 12.0 ms (1 %) src/store.cpp:42 · POST /chat · waited 200 "
      "ms for a connection · 3 rows · postgresql at 10.0.0.7:5433/chatbot · thread 4711 · trace "
      "abababababababababababababababab plan Sort Seq Scan on documents where id = ?, 1000 rows ");
  CHECK_THAT(part, Catch::Contains("<i class=\"phase6\" style=\"width:98.68%\"></i>"
                                   "<i class=\"phase8\" style=\"width:1.32%\"></i>"));
}

TEST_CASE("each phase has a colour of its own", "[page]") {
  std::set<std::string_view> colours;
  for (std::size_t i = 0; i < phases; ++i) {
    const std::string rule = ".phase" + std::to_string(i) + " { background: ";
    const std::size_t at = page_style.find(rule);
    REQUIRE(at != page_style.npos);
    colours.insert(page_style.substr(at + rule.size(), 7));
  }
  CHECK(colours.size() == phases);
}

TEST_CASE("a failed call shows its error and what SQLite counted", "[page]") {
  call_report failed = failed_insert();
  failed.retries = 2;
  failed.full_scan_steps = 1'200'000;
  failed.sorts = 1;
  failed.automatic_index_rows = 500;
  failed.parameters = "$1 text of 12 bytes";
  snapshot shown;
  shown.time = noon + 26h;
  shown.call_reports = {shared(failed)};
  CHECK(words_of(slow_part(shown)) ==
        "Slow and failed 2.00 ms error 2026-01-31 12:00:00 UTC, 26 h ago insert into chats values "
        "(?) returning id SQLITE_FULL (13) · retried 2 times · 1,200,000 steps of full scans · 1 "
        "sort · 500 rows put into an automatic index · $1 text of 12 bytes · sqlite ");
}

TEST_CASE("a call that still runs is shown with its report", "[page]") {
  call_report report = slow_search();
  report.reason = report_reason::running;
  report.statement = statement_of(9, "update hits");
  report.start = noon + 8s;
  report.waits_for = "Lock: transactionid";
  snapshot shown;
  shown.time = noon + 42s;
  shown.active = {in_flight(9, 34s), in_flight(8, 120ms), in_flight(7, 99ms)};
  shown.call_reports = {shared(report)};
  CHECK(words_of(running_part(shown)) ==
        "Still running 34.0 s update hits waits for Lock: transactionid · src/store.cpp:42 · POST "
        "/chat · thread 4711 · postgresql 120 ms update hits postgresql ");
  CHECK(slow_part(shown).empty());
}

TEST_CASE("a call that was reported while it ran is shown once when it ends", "[page]") {
  call_report report = slow_search();
  report.reason = report_reason::running;
  snapshot shown;
  shown.time = noon + 42s;
  shown.call_reports = {shared(slow_search()), shared(report)};
  REQUIRE(ended_calls(shown).size() == 1);
  CHECK(ended_calls(shown).front()->reason == report_reason::slow);
  report.thread = 4712;
  shown.call_reports.back() = shared(report);
  CHECK(ended_calls(shown).size() == 2);
}

TEST_CASE("a pool shows how many callers wait, and for how long", "[page]") {
  snapshot_builder builder;
  add_pool(builder, "documents", 10, 3, {100'000, 300'000'000, 900'000'000});
  add_pool(builder, "chats", 1, 0, {});
  const snapshot shown = builder.get();
  CHECK_THAT(words_of(pools_part(shown)),
             Catch::EndsWith("timeouts chats 10 1 9 0 – – 0 documents 10 10 0 3 311 ms 898 ms 6 "));
  CHECK_THAT(pools_part(shown), Catch::Contains("<td data-is=\"used\" class=\"bad\">10</td>") &&
                                    Catch::Contains("<td data-is=\"used\">1</td>"));
}

TEST_CASE("who has an object of a pool, and for how long, stands below the pools", "[page]") {
  snapshot shown;
  shown.pools = {{.name = "documents",
                  .maximum = 2,
                  .used = 2,
                  .held_after = 30s,
                  .leases = {{.number = 1,
                              .site = {"src/store.cpp", 42, "find"},
                              .request = "POST /<chat>",
                              .age = 45s,
                              .server_pid = 4711,
                              .thread = 99},
                             {.number = 2, .site = {"src/report.cpp", 7, "sum"}, .age = 3ms}}},
                 {.name = "idle", .maximum = 1}};
  CHECK(words_of(leases_part(shown)) ==
        "Who has what of the pools acquired at pool request for server pid thread src/store.cpp:42 "
        "documents POST /&lt;chat&gt; 45.0 s 4711 99 src/report.cpp:7 documents 3.00 ms – – ");
  CHECK_THAT(leases_part(shown), Catch::Contains("<td data-is=\"for\" class=\"bad\">45.0 s</td>") &&
                                     Catch::Contains("<td data-is=\"for\">3.00 ms</td>"));
  shown.pools[0].leases.resize(25);
  shown.pools[0].used = 30;
  CHECK_THAT(words_of(leases_part(shown)), Catch::EndsWith("10 more in /pools "));
  shown.pools[0].leases.clear();
  CHECK(leases_part(shown).empty());
}

TEST_CASE("requests in flight are shown, the oldest first", "[page]") {
  snapshot shown;
  CHECK(requests_in_flight_part(shown).empty());
  shown.active_requests = {{"POST /<chat>", 34s}, {"GET /health", 2ms}};
  CHECK(words_of(requests_in_flight_part(shown)) ==
        "Requests in flight 34.0 s POST /&lt;chat&gt; 2.00 ms GET /health ");
  shown.active_requests.resize(50, {"GET /", 1ms});
  CHECK_THAT(words_of(requests_in_flight_part(shown)),
             Catch::EndsWith("30 more, younger than these "));
  CHECK_THAT(words_of(render_incident_page(shown)), Catch::Contains("50 requests in flight"));
}

TEST_CASE("a request shows its waits for pools as theirs", "[page]") {
  request_report request{.number = 1, .name = "POST /chat", .duration = 10s};
  request.backends = {{.system = "pool documents"}};
  request.backends[0].phases[phase::pool_wait] = 5s;
  request.application = 5s;
  request.waits = {{"documents", 1s, 2s, false}, {"documents", 4s, 3s, true}};
  request.waits_left_out = 2;
  request.left_out = 7;
  snapshot shown;
  shown.requests = {shared(request)};
  CHECK_THAT(
      words_of(requests_part(shown)),
      Catch::Contains(
          "pool documents 5.00 s (50 %) 0 calls pool documents 2.00 s pool documents in vain "
          "3.00 s 2 waits for pools without a row · 7 requests with the same repetition "
          "not reported before this one "));
  CHECK_THAT(requests_part(shown),
             Catch::Contains("style=\"left:10.00%;width:20.00%\"") &&
                 Catch::Contains("call fail\" style=\"left:40.00%;width:30.00%\""));
}

TEST_CASE("a finding about a pool names it", "[page]") {
  finding found = n_plus_one();
  found.statement = nullptr;
  found.table.clear();
  found.pool = "documents";
  snapshot shown;
  shown.findings = {shared(found)};
  CHECK_THAT(words_of(findings_part(shown)),
             Catch::Contains("postgresql · pool documents · 11 calls"));
}

TEST_CASE("a request is a waterfall on its own time axis", "[page]") {
  request_report request = one_by_one(2);
  request.calls.back().failed = true;
  request.statements.back().errors = 1;
  request.statements.back().duplicates = 1;
  request.calls_left_out = 1200;
  request.other_statements = 4;
  snapshot shown;
  shown.time = noon + 42s;
  shown.requests = {shared(request)};
  const std::string part = requests_part(shown);
  CHECK(words_of(part) ==
        "Requests 100 ms 12:00:00 UTC, 42 s ago POST /chat trace abababababababababababababababab "
        "application 80.0 ms (80 %) postgresql, 3 calls, 20.0 ms (20 %) 3 calls select chats "
        "src/store.cpp:30 10.0 ms select documents src/store.cpp:42 1 error · 1 with parameters "
        "sent before 2 × 10.0 ms 4 calls of further statements · 1,200 calls counted, but without "
        "a bar ");
  CHECK_THAT(part,
             Catch::Contains("<i class=\"call colour0\" style=\"left:20.00%;width:5.00%\"></i>"
                             "<i class=\"call fail\" style=\"left:26.00%;width:5.00%\"></i>"));
}

TEST_CASE("bars stay on the axis, whatever the numbers are", "[page]") {
  request_report request = one_by_one(1);
  request.calls = {{.statement = 99, .begin = -5ms, .duration = 1h},
                   {.statement = 0, .begin = 2h, .duration = 1ms}};
  snapshot shown;
  shown.requests = {shared(request)};
  CHECK_THAT(requests_part(shown),
             Catch::Contains("<i class=\"call application\" style=\"left:0.00%;width:100.00%\">") &&
                 Catch::Contains("<i class=\"call colour0\" style=\"left:100.00%;width:0.00%\">"));
  request.duration = 0ns;
  shown.requests = {shared(request)};
  CHECK_THAT(requests_part(shown), !Catch::Contains("nan") && !Catch::Contains("inf"));
}

TEST_CASE("a list ends where it gets too long, and says where the rest is", "[page]") {
  snapshot shown = everything();
  shown.findings.assign(51, shown.findings.front());
  shown.call_reports.assign(1250, shown.call_reports.front());
  shown.requests.assign(20, shown.requests.front());
  CHECK_THAT(words_of(findings_part(shown)), Catch::EndsWith("1 more in /findings "));
  CHECK_THAT(words_of(slow_part(shown)), Catch::EndsWith("1,200 more in /slow "));
  CHECK_THAT(words_of(requests_part(shown)), !Catch::Contains("more in"));
}

TEST_CASE("a statement is cut where it gets too long, between two characters", "[page]") {
  CHECK(sql(std::string(1000, 'x')) == "<code>" + std::string(1000, 'x') + "</code>");
  CHECK(sql(std::string(999, 'x') + "ü") == "<code>" + std::string(999, 'x') + " …</code>");
}

TEST_CASE("nothing that comes from outside is markup", "[page]") {
  const std::string hostile = "<script>alert('&\"')</script>";
  const auto statement = summarised(1, hostile, hostile);
  const call_site site{hostile, 1, hostile};
  finding found = n_plus_one();
  found.system = found.table = found.request = found.message = found.advice = hostile;
  found.statement = statement;
  found.site = site;
  call_report slow = slow_search();
  slow.system = slow.database = slow.server_address = slow.error_type = hostile;
  slow.status_code = hostile + '2';
  slow.waits_for = slow.request = slow.parameters = hostile;
  slow.statement = statement;
  slow.site = site;
  slow.plan = shared(query_plan{.root = {hostile, hostile, hostile, hostile}});
  call_report running = slow;
  running.reason = report_reason::running;
  request_report request = one_by_one(1);
  request.name = request.error_type = request.backends[0].system = hostile;
  for (statement_share& share : request.statements) {
    share.system = hostile;
    share.statement = statement;
    share.site = site;
  }
  snapshot_builder builder;
  builder.set_resource({"service.name", hostile});
  add_pool(builder, hostile, 1, 1, {1});
  builder.record(catalog::operation_duration, {{"db.system.name", hostile}}, {1}, statement);
  snapshot shown = builder.get();
  shown.time = noon + 42s;
  shown.findings = {shared(found)};
  shown.call_reports = {shared(slow), shared(running)};
  shown.active = {{std::make_shared<const series_identity>(series_identity{
                       &catalog::operation_duration, {{"db.system.name", hostile}}}),
                   statement, 42s}};
  shown.requests = {shared(request)};
  const std::string page = render_incident_page(shown);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("alert('") == std::string::npos);
  std::size_t count = 0;
  for (auto at = page.find("&lt;script"); at != std::string::npos;
       at = page.find("&lt;script", at + 1)) {
    ++count;
  }
  CHECK(count >= 35);
}
