// Bring querytap into code that exists: one recorder, then one client after the other.
//
//     $ build/examples/guide_adoption
//     sqlite  select ?                                   calls 4  errors 0
//     sqlite  insert into documents(body) values (?)     calls 2  errors 0
//     sqlite  create table documents(id integer primary key, body text)  calls 1  errors 0
//     redis   GET ?                                      calls 3  errors 1
//     the old report sees 2 documents

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>

namespace {

/// Stands for the library of a cache server.
class cache_client {
 public:
  std::string send(const std::string& command) {
    if (command.ends_with('3')) throw std::runtime_error{"connection reset"};
    return command.ends_with('1') ? "Ada" : "";
  }
};

/// Stands for old code that uses the handle of the client itself.
int documents_in_old_report(sqlite3* db) {
  int count = 0;
  const auto read = [](void* into, int, char** values, char**) {
    *static_cast<int*>(into) = std::atoi(values[0]);
    return 0;
  };
  sqlite3_exec(db, "select count(*) from documents", read, &count, nullptr);
  return count;
}

// [guide]
class document_store {
 public:
  document_store(querytap::recorder& recorder, const std::string& file) : db_{recorder, file} {
    db_.exec("create table documents(id integer primary key, body text)");
  }

  void add(std::string_view body) {
    db_.prepare("insert into documents(body) values (?)").run(body);
  }

  sqlite3* native() { return db_.native(); }  // for code that still uses the handle

 private:
  querytap::sqlite::connection db_;  // was: sqlite3*
};
// [/guide]

// [guide]
querytap::sqlite::connection open_shared(querytap::recorder& recorder, const std::string& file) {
  return {recorder, file, {.shared_between_threads = true}};
}
// [/guide]

// [guide]
class user_cache {
 public:
  explicit user_cache(querytap::recorder& recorder)
      : backend_{recorder, {.system = "redis", .dialect = querytap::dialect::redis}} {}

  std::string find(int user) {
    const std::string command = fmt::format("GET user:{}", user);
    querytap::operation call{backend_.statement_for(command)};  // the clock starts
    return client_.send(command);  // and stops here, by return or by exception
  }

 private:
  querytap::backend backend_;
  cache_client client_;
};
// [/guide]

}  // namespace

int main() {
  // [guide]
  querytap::recorder recorder{{.service_name = "shop"}};  // outlives all clients
  document_store documents{recorder, ":memory:"};
  user_cache users{recorder};
  // [/guide]

  for (const char* body : {"first", "second"}) documents.add(body);
  for (const int user : {1, 2, 3}) {
    try {
      users.find(user);
    } catch (const std::runtime_error&) {
      // As before: the exception is the client's, and the application deals with it.
    }
  }

  querytap::sqlite::connection shared = open_shared(recorder, ":memory:");
  std::thread other{[&] { shared.exec("select 1; select 2"); }};
  shared.exec("select 3; select 4");
  other.join();

  auto rows = querytap::statement_table(recorder.collect());
  std::ranges::sort(rows, std::ranges::greater{}, [](const querytap::statement_row& row) {
    return std::tuple{row.system, row.calls};
  });
  for (const auto& row : rows) {
    fmt::print("{:<6}  {:<41}  calls {}  errors {}\n", row.system,
               row.statement ? row.statement->text : "(the rest)", row.calls, row.errors);
  }
  fmt::print("the old report sees {} documents\n", documents_in_old_report(documents.native()));
}
