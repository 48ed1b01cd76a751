// What an application calls compiles with each version of libpqxx that the decorator is written for. Nothing
// here is run: with 7 and 8 it is compiled by hand, against their headers.
//
//     $ g++ -std=c++20 -fsyntax-only -Iinclude -Itests -isystem LIBPQXX/include members_of_versions.cpp

#include "members_of_versions.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace querytap::testing {
namespace {

using columns = std::vector<std::string>;

template <class... Values>
void use(const Values&...) {}

void use_exec(postgres::transaction_base& tx) {
  const std::string sql = "select 1";
  use(tx.exec(sql).size());
  tx.exec("select 1");
  tx.exec(std::string_view{sql});
  tx.exec0("set local a = 1");
  use(tx.exec1("select 1")[0].as<int>());
  tx.exec_n(2, "select 1 union all select 2");
  tx.exec_params("select $1, $2, $3", 1, std::string{"two"}, std::optional<int>{});
  tx.exec_params0("delete from a where b = $1", 1.5);
  tx.exec_params1("select $1", "text");
  tx.exec_params_n(1, "select $1", std::string{"text"});
  tx.exec_prepared("by_id", 7, nullptr);
  tx.exec_prepared0("by_id", 7);
  tx.exec_prepared1("by_id");
  tx.exec_prepared_n(3, "by_id", 7);
  tx.set_variable("a", "b");
  tx.get_variable("a");
  use(tx.quote(7), tx.quote_name("a"), tx.esc("text"), tx.esc(sql), tx.esc_like("50%"), tx.name(),
      tx.conn().backendpid());
}

void use_streams(postgres::transaction_base& tx) {
  postgres::stream_from documents{tx, "documents"};
  std::tuple<int, std::string> row;
  std::string line;
  while (documents >> row) documents.get_raw_line(line);
  documents.complete();
  postgres::stream_from some{tx, "documents", columns{"id", "body"}};
  postgres::stream_to copies{tx, "copies"};
  copies << row;
  copies.complete();
  postgres::stream_to others{tx, "copies", columns{"id", "body"}};
  others << some;
}

void use_pipeline(postgres::transaction_base& tx) {
  postgres::pipeline batch{tx, "batch"};
  batch.retain(3);
  const auto first = batch.insert("select 1");
  batch.insert("select 2");
  batch.resume();
  if (batch.is_finished(first)) batch.retrieve(first);
  use(batch.retrieve().second, batch.name(), batch.description());
  batch.complete();
  batch.cancel();
  batch.flush();
}

void use_cursors(postgres::transaction_base& tx) {
  postgres::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned> pages{
      tx, "select 1", "pages", false};
  pages.retrieve(0, static_cast<int>(pages.size()));
  pages.close();
  postgres::icursorstream blocks{tx, "select 1", "blocks", 10};
  blocks.ignore(2);
  for (postgres::icursor_iterator at{blocks}, end; at != end; ++at) use(at->size());
}

void use_large_objects(postgres::dbtransaction& tx) {
  const postgres::largeobject object{tx};
  postgres::largeobjectaccess open{tx, object.id()};
  open.write("text");
  open.seek(0, std::ios::beg);
  char text[4];
  open.read(text, 4);
  open.to_file("/tmp/copy");
  postgres::olostream{tx, object.id()} << "text";
  object.remove(tx);
}

void use_transactions(postgres::connection_base& db) {
  postgres::work tx{db, "work"};
  use_exec(tx);
  postgres::subtransaction part{tx, "part"};
  postgres::subtransaction inner{part};
  inner.commit();
  part.abort();
  use_streams(tx);
  use_pipeline(tx);
  use_cursors(tx);
  use_large_objects(tx);
  tx.commit();
  const postgres::read_transaction reading{db};
  const postgres::transaction<pqxx::serializable> strict{db};
  const postgres::robusttransaction<> robust{db, "robust"};
  const postgres::robusttransaction<pqxx::repeatable_read> repeatable{db};
  postgres::nontransaction{db}.exec("vacuum");
}

class receiver final : public postgres::notification_receiver {
 public:
  explicit receiver(postgres::connection_base& db) : notification_receiver{db, "documents"} {}
  void operator()(const std::string&, int) override { conn().get_notifs(); }
};

class handler final : public postgres::errorhandler {
 public:
  using errorhandler::errorhandler;
  bool operator()(const char[]) noexcept override { return true; }
};

void use_connection(postgres::connection_base& db) {
  db.prepare("by_id", "select $1");
  db.unprepare("by_id");
  db.set_variable("a", "b");
  db.get_variable("a");
  db.set_client_encoding("UTF8");
  db.cancel_query();
  const receiver listening{db};
  const handler notices{db};
  db.await_notification();
  db.await_notification(1, 0);
  use(db.esc("text"), db.quote(7), db.quote_name("a"), db.adorn_name("a"), db.get_client_encoding(),
      db.server_version(), db.protocol_version(), db.sock(), db.is_open(), db.dbname(),
      db.username(), db.hostname());
  db.process_notice("notice\n");
  db.set_verbosity(postgres::connection_base::terse);
  db.trace(nullptr);
}

#if !QUERYTAP_PQXX_IS_6

void use_since_7(postgres::transaction_base& tx) {
  const pqxx::prepped by_id{"by_id"};
  use(tx.exec("select $1", pqxx::params{1, "two"}).one_row());
  tx.exec("select $1, $2", {1, "two"});
  tx.exec(by_id);
  tx.exec(by_id, pqxx::params{7});
  tx.exec(by_id, {7, "eight"});
  int sum = tx.query_value<int>("select 1") + tx.query_value<int>("select $1", {1}) +
            tx.query_value<int>(by_id) + tx.query_value<int>(by_id, pqxx::params{7});
  const auto [id, body] = tx.query1<int, std::string>("select 1, 'a'");
  sum += id + static_cast<int>(body.size());
  if (const auto row = tx.query01<int>("select 1 where $1", {true})) sum += std::get<0>(*row);
  for (const auto& [number, text] : tx.query<int, std::string>("select 1, 'a'"))
    sum += number + static_cast<int>(text.size());
  for (const auto& [number] : tx.query<int>("select $1", {1})) sum += number;
  for (const auto& [number] : tx.query<int>(by_id, pqxx::params{7})) sum += number;
  tx.for_query("select 1, 'a'", [&](int number, std::string_view) { sum += number; });
  tx.for_query("select $1", [&](int number) { sum += number; }, {1});
  tx.for_query(
      by_id, [&](int number) { sum += number; }, pqxx::params{7});
  for (const auto& [number, text] : tx.stream<int, std::string_view>("select 1, 'a'"))
    sum += number + static_cast<int>(text.size());
  tx.for_stream("select 1, 'a'", [&](int number, std::string_view) { sum += number; });
  tx.notify("documents", std::to_string(sum));
  auto query = postgres::stream_from::query(tx, "select 1");
  use(query.get_raw_line());
  auto table = postgres::stream_from::table(tx, {"public", "documents"}, {"id", "body"});
  auto copies = postgres::stream_to::table(tx, {"public", "copies"}, {"id", "body"});
  copies << table;
  copies.write_row(std::tuple{1, "a"});
  copies.write_values(1, "a");
  postgres::stream_to::raw_table(tx, "public.copies", "id, body").complete();
}

void use_since_7(postgres::connection_base& db) {
  db.listen("documents", [](const pqxx::notification& message) { use(message.payload); });
  db.listen("documents");
  db.set_session_var("work_mem", "1MB");
  use(db.get_var("work_mem"), db.get_var_as<int>("work_mem"), db.quote_table("documents"),
      db.connection_string());
  db.set_notice_handler([](pqxx::zview) {});
  db.close();
}

#endif

}  // namespace

void use_all_members(recorder& telemetry, postgres::detail::native_connection& plain,
                     pqxx::dbtransaction& plain_transaction) {
  postgres::connection db{telemetry, "dbname=chatbot"};
  postgres::connection with_options{telemetry, std::string{}, {.describe_parameters = true}};
  use(db.native().is_open());
  use_connection(db);
  use_transactions(db);
  auto observed = postgres::observe(telemetry, plain);
  auto tx = postgres::observe(observed, plain_transaction);
  use_exec(tx);
  pqxx::transaction_base& base = plain_transaction;
  postgres::observe(observed, base).exec("select 1");
#if !QUERYTAP_PQXX_IS_6
  use_since_7(db);
  use_since_7(tx);
#endif
}

}  // namespace querytap::testing
