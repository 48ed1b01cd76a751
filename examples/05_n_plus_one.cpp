// Find an N+1 in a request, with the line that makes it, and cure it with a batch loader.
//
//     $ build/examples/05_n_plus_one
//     n_plus_one  05_n_plus_one.cpp:45
//       20 times in one GET /orders: select name from customers where id = ?
//       load all keys with one query: where the key IN (…), with all of them; querytap::batch_loader gathers them
//     with a batch loader: 2 calls, no finding

#include <querytap/decorators/sqlite.hpp>
#include <querytap/policies/batch_loader.hpp>
#include <querytap/querytap.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

namespace sqlite = querytap::sqlite;

std::vector<int> customers_of_orders(sqlite::connection& db) {
  std::vector<int> ids;
  auto orders = db.prepare("select customer_id from orders");
  while (orders.step()) ids.push_back(orders.column<int>(0));
  return ids;
}

void fill(sqlite::connection& db) {
  db.exec("create table customers(id integer primary key, name text)");
  db.exec("create table orders(id integer primary key, customer_id integer)");
  for (int id = 1; id <= 20; ++id) {
    db.prepare("insert into customers(name) values (?)").run(fmt::format("customer {}", id));
    db.prepare("insert into orders(customer_id) values (?)").run(id);
  }
}

void one_by_one(querytap::recorder& recorder, sqlite::connection& db) {
  querytap::request request{recorder, "GET /orders"};
  auto find_name = db.prepare("select name from customers where id = ?");
  for (const int id : customers_of_orders(db)) {
    // One call for each order: the line does not show how often it runs.
    find_name.run(id);
  }
}

void all_at_once(querytap::recorder& recorder, sqlite::connection& db) {
  querytap::request request{recorder, "GET /orders"};
  querytap::batch_loader<int, std::string> names{[&](std::span<const int> ids) {
    std::unordered_map<int, std::string> found;
    auto query =
        db.prepare("select id, name from customers where id in (select value from json_each(?))");
    query.bind(fmt::format("[{}]", fmt::join(ids, ",")));
    while (query.step()) found.emplace(query.column<int>(0), query.column<std::string>(1));
    return found;
  }};
  for (const auto& name : names.load_all(customers_of_orders(db))) static_cast<void>(name.get());
}

}  // namespace

int main() {
  // A threshold of 0: a report of every request is stored.
  querytap::recorder recorder{{.service_name = "shop", .slow_request = std::chrono::seconds{0}}};
  sqlite::connection db{recorder, ":memory:"};
  fill(db);

  one_by_one(recorder, db);
  for (const auto& finding : recorder.collect().findings) {
    const auto file = std::filesystem::path{finding->site.file}.filename().string();
    fmt::print("{}  {}:{}\n  {}\n  {}\n", to_string(finding->kind), file, finding->site.line,
               finding->message.substr(0, finding->message.find(';')), finding->advice);
  }

  all_at_once(recorder, db);
  const auto snapshot = recorder.collect();
  fmt::print("with a batch loader: {} calls, {}\n",
             snapshot.requests.front()->backends.front().calls,
             snapshot.findings.size() == 1 ? "no finding" : "still a finding");
}
