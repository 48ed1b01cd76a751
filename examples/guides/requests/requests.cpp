// A request owns the calls of its thread: of one, of another after a hand-over, of several at once.
//
//     $ build/examples/guide_requests
//     POST /chat/search     3.08 ms  2 calls
//     POST /chat/search     3.07 ms  2 calls
//     POST /chat            5.41 ms  3 calls  of trace 4bf92f3577b34da6a3ce929d0e0e4736
//     GET /documents        1.12 ms  1 calls  failed with 404

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace {

using namespace std::chrono_literals;
namespace sqlite = querytap::sqlite;

void find_document(sqlite::connection& db, int id) {
  db.prepare("select body from documents where id = ?").run(id);
}

// [guide]
void get_document(querytap::recorder& recorder, sqlite::connection& db, int id) {
  querytap::request request{recorder, "GET /documents"};  // few names, and no identifiers in them
  auto query = db.prepare("select body from documents where id = ?");
  query.bind(id);
  if (!query.step()) request.fail(querytap::outcome::error("404"));
}
// [/guide]

// [guide]
void chat(querytap::recorder& recorder, sqlite::connection& db, std::string_view traceparent) {
  const auto caller = querytap::trace_context::parse(traceparent);
  querytap::request request{recorder, "POST /chat", caller};
  find_document(db, 1);
  request.detach();  // this thread may now work for other requests

  std::jthread worker{[&db, request = std::move(request)]() mutable {
    request.attach();  // what this thread calls from here on belongs to the request
    find_document(db, 2);
    find_document(db, 3);
  }};
}
// [/guide]

// [guide]
void search_in_parallel(querytap::recorder& recorder, std::array<sqlite::connection, 2>& shards) {
  std::array<std::jthread, 2> workers;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    workers[i] = std::jthread{[&recorder, &db = shards[i]] {
      querytap::request part{recorder, "POST /chat/search"};  // one for each thread
      find_document(db, 1);
      find_document(db, 2);
    }};
  }
}
// [/guide]

sqlite::connection filled(querytap::recorder& recorder) {
  sqlite::connection db{recorder, ":memory:"};
  db.exec("create table documents(id integer primary key, body text)");
  return db;
}

}  // namespace

int main() {
  // A threshold of 0 stores a report of every request; 1 s is the default.
  querytap::recorder recorder{{.service_name = "library", .slow_request = 0s}};
  std::array shards{filled(recorder), filled(recorder)};

  get_document(recorder, shards[0], 7);
  chat(recorder, shards[0], "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  search_in_parallel(recorder, shards);

  for (const auto& report : recorder.collect().requests) {  // the newest first
    fmt::print("{:<20}  {}  {} calls", report->name, querytap::human_duration(report->duration),
               report->backends.front().calls);
    if (report->caller) fmt::print("  of trace {}", trace_id_text(*report->caller));
    if (!report->error_type.empty()) fmt::print("  failed with {}", report->error_type);
    fmt::print("\n");
  }
}
