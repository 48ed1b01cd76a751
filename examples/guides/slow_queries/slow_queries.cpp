// Reports of single calls, and findings: to an object of your own, and to a file of JSON lines.
//
//     $ build/examples/guide_slow_queries
//     log: error of insert into orders values (?, ?), 1555
//     page: n_plus_one in GET /orders, 10 calls
//     the file has 1 finding, 1 request, 1 slow_query

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/files/report_file.hpp>
#include <querytap/runtime/watch/query_watch.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

namespace {

namespace sqlite = querytap::sqlite;

// [guide]
/// Called from the watch's own thread, one report after the other.
class pager final : public querytap::report_listener {
 public:
  void report(const querytap::call_report& call) override {
    fmt::print("log: {} of {}, {}\n", to_string(call.reason), call.statement->text,
               call.error_type);
  }
  void report(const querytap::finding& finding) override {
    fmt::print("page: {} in {}, {} calls\n", to_string(finding.kind), finding.request,
               finding.calls);
  }
  using report_listener::report;  // of requests: not needed here
};
// [/guide]

void make_mistakes(querytap::recorder& recorder, sqlite::connection& db) {
  querytap::request request{recorder, "GET /orders"};
  for (int id = 0; id < 10; ++id) {
    db.prepare("select customer from orders where id = ?").run(id);
  }
  try {
    db.prepare("insert into orders values (?, ?)").run(1, "Ada");
  } catch (const sqlite::error&) {
    request.fail(querytap::outcome::error("409"));
  }
}

std::map<std::string, int> types_in(const std::filesystem::path& file) {
  std::map<std::string, int> types;
  std::ifstream lines{file};
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find(R"("type":")") + 8;
    ++types[line.substr(begin, line.find('"', begin) - begin)];
  }
  return types;
}

}  // namespace

int main() {
  const auto path = std::filesystem::temp_directory_path() / "guide_slow_queries.jsonl";
  std::filesystem::remove(path);
  querytap::recorder recorder{{.service_name = "shop"}};
  // [guide]
  sqlite::connection db{recorder,
                        ":memory:",
                        {.slow_threshold = std::chrono::milliseconds{200},  // 100 ms by default
                         .slow_multiple = 20}};  // or 20 times the statement's own p99
  // [/guide]
  // [guide]
  const querytap::thresholds limits{recorder};
  limits.set_slow_statement("select sum(total) from orders", std::chrono::seconds{5});
  limits.set_slow_request("POST /report", std::chrono::minutes{1});
  limits.set_hung(std::chrono::minutes{10});
  // [/guide]
  db.exec("create table orders(id integer primary key, customer text)");
  db.exec("insert into orders values (1, 'Bob')");
  {
    // [guide]
    const querytap::query_watch watch{
        recorder,
        {.listeners = {
             std::make_shared<pager>(),
             std::make_shared<querytap::report_file>(
                 recorder, querytap::json_lines_file_options{.path = path.string(),
                                                             .most_bytes = std::uint64_t{64} << 20,
                                                             .kept_files = 4})}}};
    // [/guide]
    make_mistakes(recorder, db);
  }  // the watch looks a last time

  fmt::print("the file has");
  const char* separator = " ";
  for (const auto& [type, count] : types_in(path)) {
    fmt::print("{}{} {}", separator, count, type);
    separator = ", ";
  }
  fmt::print("\n");
  std::filesystem::remove(path);

  // [guide]
  const auto last_minute =
      querytap::statement_table(querytap::recent(recorder.collect(), std::chrono::minutes{1}));
  // [/guide]
  return last_minute.size() == 3 ? 0 : 1;
}
