// Why is it slow? The line, the plan, the index that would serve, and where the time of the request went.
//
//     $ build/examples/06_why_slow
//     slow      06_why_slow.cpp:45  9.34 ms  20 rows
//       select body from documents where owner = ?
//     QUERY PLAN
//       SCAN on documents
//     generic plan: made without the values of the call
//     GET /documents took 14.8 ms
//       sqlite      1 calls  9.34 ms
//       application          5.44 ms
//     missing_index  06_why_slow.cpp:45
//       reads all of documents, some 100,000 rows, for 20 of them
//       create index documents_owner on documents (owner)
//     with that index: 358 µs

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/sqlite.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace {

namespace sqlite = querytap::sqlite;
using namespace std::chrono_literals;

void fill(sqlite::connection& db) {
  db.exec("create table documents(id integer primary key, owner text, body text)");
  db.exec(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) "
      "insert into documents select i, 'owner ' || (i % 5000), 'a page' from n");
}

void answer(querytap::recorder& recorder, sqlite::connection& db) {
  querytap::request request{recorder, "GET /documents"};
  auto search = db.prepare("select body from documents where owner = ?");
  search.run("owner 17");
  std::this_thread::sleep_for(5ms);  // what the application does with the rows
}

std::string line_of(const querytap::call_site& site) {
  return fmt::format("{}:{}", std::filesystem::path{site.file}.filename().string(), site.line);
}

void show(const querytap::call_report& call) {
  fmt::print("{:<8}  {}  {}  {} rows\n  {}\n", to_string(call.reason), line_of(call.site),
             querytap::human_duration(call.duration), call.rows.value_or(0), call.statement->text);
  if (call.plan != nullptr) fmt::print("{}", to_string(*call.plan));
}

void show(const querytap::finding& finding) {
  fmt::print("{}  {}\n  {}\n  {}\n", to_string(finding.kind), line_of(finding.site),
             finding.message, finding.advice);
}

void show(const querytap::request_report& request) {
  fmt::print("{} took {}\n", request.name, querytap::human_duration(request.duration));
  for (const auto& share : request.backends) {
    fmt::print("  {:<11} {} calls  {}\n", share.system, share.calls,
               querytap::human_duration(share.phases.total()));
  }
  fmt::print("  {:<11}          {}\n", "application",
             querytap::human_duration(request.application));
}

}  // namespace

int main() {
  // A threshold of 0: a report of every request is stored.
  querytap::recorder recorder{{.service_name = "library", .slow_request = 0s}};
  const auto file = std::filesystem::temp_directory_path() / "06_why_slow.db";
  std::filesystem::remove(file);
  sqlite::connection maintenance{recorder, file.string(), {.slow_threshold = 1min}};
  fill(maintenance);

  sqlite::connection db{recorder, file.string(), {.slow_threshold = 1ms}};
  std::string advice;
  {
    const querytap::query_watch watch{
        recorder,
        {.plans = {std::make_shared<querytap::sqlite_inspector>(file)},
         .on_call_report = [](const querytap::call_report& call) { show(call); },
         .on_request = [](const querytap::request_report& request) { show(request); },
         .on_finding =
             [&](const querytap::finding& finding) {
               show(finding);
               advice = finding.advice;
             }}};
    answer(recorder, db);
  }
  maintenance.exec(advice);
  answer(recorder, db);
  const auto after = recorder.collect().requests.front();
  fmt::print("with that index: {}\n",
             querytap::human_duration(after->backends.front().phases.total()));
  std::filesystem::remove(file);
}
