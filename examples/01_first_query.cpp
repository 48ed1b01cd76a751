// Time every query of a SQLite database, read the numbers back, and show them as a page until Enter.
//
//     $ build/examples/01_first_query
//     insert into documents(body) values (?)       1000 calls   p50 1.40 µs   p99 1.68 µs
//     select body from documents where id = ?      1000 calls   p50 615 ns   p99 733 ns
//     create table documents(id integer primary key, body text)      1 calls   p50 69.7 µs   p99 69.7 µs
//     the page: http://127.0.0.1:9464/   Enter ends the program

// [readme]
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  const char* address = argc > 1 ? argv[1] : "127.0.0.1:9464";
  querytap::recorder recorder{{.service_name = "chatbot"}};
  querytap::scrape_endpoint endpoint{recorder, {.listen = address}};  // /metrics and a page
  querytap::sqlite::connection db{recorder, ":memory:"};              // was: sqlite3_open
  db.exec("create table documents(id integer primary key, body text)");

  for (int id = 1; id <= 1000; ++id) {
    querytap::request request{recorder, "POST /chat"};  // optional: what the calls belong to
    db.prepare("insert into documents(body) values (?)").run("page");
    db.prepare("select body from documents where id = ?").run(id);
  }

  for (const auto& row : querytap::statement_table(recorder.collect())) {
    std::printf("%-42s %6llu calls   p50 %s   p99 %s\n",
                row.statement ? row.statement->text.c_str() : "(the rest)",
                static_cast<unsigned long long>(row.calls),
                querytap::human_duration(row.p50).c_str(),
                querytap::human_duration(row.p99).c_str());
  }
  std::printf("the page: http://127.0.0.1:%d/   Enter ends the program\n", endpoint.port());
  std::getchar();
}
// [/readme]
