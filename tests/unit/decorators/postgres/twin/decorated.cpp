// The twin of plain.cpp on the decorator: the same program, but for what it includes, one line that says which
// library is meant, and what a connection is made of.

#include <querytap/decorators/postgres.hpp>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace shop {
namespace {

/// An amount of money, with conversions of the shop's own.
struct price {
  long cents = 0;
};

}  // namespace
}  // namespace shop

namespace pqxx {

template <>
struct string_traits<shop::price> {
  static constexpr const char* name() noexcept { return "price"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const shop::price&) { return false; }
  [[noreturn]] static shop::price null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], shop::price& value) { value.cents = std::atol(text); }
  static std::string to_string(const shop::price& value) { return std::to_string(value.cents); }
};

}  // namespace pqxx

namespace shop {

namespace pqxx = querytap::postgres;

namespace {

std::string show(const pqxx::result& rows) {
  std::string text;
  for (const pqxx::row& row : rows) {
    for (const pqxx::field& field : row) {
      text += field.is_null() ? "null" : field.as<std::string>();
      text += ' ';
    }
    text += "| ";
  }
  return text + std::to_string(rows.size()) + " rows, " + std::to_string(rows.affected_rows()) +
         " affected";
}

/// What the shop's log has of an exception.
template <class Call>
std::string failure_of(Call call) {
  try {
    call();
  } catch (const pqxx::sql_error& error) {
    return error.sqlstate() + ' ' + error.query() + ": " + error.what();
  } catch (const pqxx::unexpected_rows& error) {
    return std::string{"unexpected rows: "} + error.what();
  } catch (const pqxx::usage_error& error) {
    return std::string{"usage: "} + error.what();
  } catch (const pqxx::argument_error& error) {
    return std::string{"argument: "} + error.what();
  } catch (const pqxx::failure& error) {
    return std::string{"failure: "} + error.what();
  } catch (const std::exception& error) {
    return std::string{"other: "} + error.what();
  }
  return "none";
}

void create_tables(pqxx::connection_base& db) {
  pqxx::nontransaction session{db, "schema"};
  session.exec(
      "drop table if exists sale, book; drop table if exists copied, empty;"
      "create table book(id int primary key, title text, cents bigint, cover bytea);"
      "create table sale(id int primary key, book int references book deferrable initially "
      "deferred);"
      "create table copied(id int, title text, cents bigint); create table empty(n int)",
      "create the tables");
}

std::uint64_t count(pqxx::transaction_base& tx, const std::string& table) {
  return tx.exec1("select count(*) from " + tx.quote_name(table))[0].as<std::uint64_t>();
}

void add_books(pqxx::transaction_base& tx) {
  tx.exec0("insert into book values (1, 'Emma', 900), (2, 'Persuasion', 850)", "first books");
  tx.exec_params("insert into book values ($1, $2, $3, $4)", 3, "Walden", price{1250},
                 pqxx::binarystring{"\x00\x01\x02", 3});
  tx.exec_params0("insert into book(id, title) values ($1, $2)", 4,
                  static_cast<const char*>(nullptr));
}

void find_books(pqxx::transaction_base& tx, std::ostream& out) {
  out << show(tx.exec("select id, title from book order by id")) << '\n';
  std::stringstream sql;
  sql << "select title from book where title like " << tx.quote(tx.esc_like("E") + "%");
  out << show(tx.exec(sql)) << '\n' << show(tx.exec_n(1, sql.str(), "by title")) << '\n';
  out << tx.exec_params1("select cents from book where id = $1", 3)[0].as<price>().cents << '\n';
  out << show(tx.exec_params_n(2, "select title from book where cents < $1 order by id",
                               price{1000}))
      << '\n';
  const std::vector<int> ids{1, 3};
  out << show(tx.exec_params("select title from book where id in ($1, $2) order by id",
                             pqxx::prepare::make_dynamic_params(ids)))
      << '\n';
  out << pqxx::binarystring{tx.exec1("select cover from book where id = 3")[0]}.size() << " bytes, "
      << tx.esc_raw("\x01") << ' ' << tx.quote_raw("\x02") << ' ' << tx.quote_name("a\"b") << '\n';
  out << tx.conn().is_open() << ' ' << tx.name() << ' ' << tx.classname() << ' ' << tx.description()
      << '\n';
}

void use_prepared_statements(pqxx::connection_base& db, std::ostream& out) {
  db.prepare("by_id", "select title from book where id = $1");
  db.prepare("cheap", "select id from book where cents < $1 order by id");
  db.prepare_now("cheap");
  db.prepare("raise", "update book set cents = cents + $1");
  pqxx::work tx{db, "prepared"};
  out << show(tx.exec_prepared("by_id", 1)) << '\n';
  out << tx.exec_prepared1("by_id", 2)[0].c_str() << '\n';
  out << show(tx.exec_prepared_n(2, "cheap", price{1000})) << '\n';
  out << show(tx.exec_prepared0("raise", 10)) << '\n';
  out << failure_of([&] { tx.exec_prepared1("by_id", 99); }) << '\n';
  out << failure_of([&] { tx.exec_prepared("unknown"); }) << '\n';
  tx.commit();
  db.unprepare("by_id");
  out << failure_of([&] { db.prepare("cheap", "select 1"); }) << '\n';
}

void fail_in_all_ways(pqxx::connection_base& db, std::ostream& out) {
  out << failure_of([&] {
    pqxx::work tx{db, "violator"};
    tx.exec("insert into book values (1, 'again')", "twice the same");
  }) << '\n';
  out << failure_of([&] {
    pqxx::work tx{db};
    out << failure_of([&] { tx.exec("select * from nowhere"); }) << '\n';
    out << failure_of([&] { tx.exec("select 1", "too late"); }) << '\n';
    tx.commit();
  }) << '\n';
  out << failure_of([&] {
    pqxx::work tx{db, "deferred"};
    tx.exec("insert into sale values (1, 77)");
    tx.commit();
  }) << '\n';
  out << failure_of([&] { pqxx::read_transaction{db}.exec("delete from book"); }) << '\n';
  pqxx::nontransaction session{db};
  out << failure_of([&] { session.exec1("select * from book"); }) << '\n';
  out << failure_of([&] { session.exec_params0("select $1::int", 7); }) << '\n';
  session.commit();
  out << failure_of([&] { session.abort(); }) << '\n';
}

template <class Transaction>
void sell(pqxx::connection_base& db, int sale, std::ostream& out) {
  Transaction tx{db, "sale"};
  tx.exec_params0("insert into sale values ($1, 1)", sale);
  out << tx.description() << ' ' << show(tx.exec("show transaction_isolation")) << '\n';
  tx.commit();
}

void sell_in_parts(pqxx::connection_base& db, std::ostream& out) {
  pqxx::work tx{db};
  tx.exec("insert into sale values (10, 1)");
  try {
    pqxx::subtransaction part{tx, "gift"};
    part.exec("insert into sale values (11, 1)");
    pqxx::subtransaction wrapping{part};
    wrapping.exec("insert into sale values (11, 1)");
  } catch (const pqxx::sql_error& error) {
    out << "no gift: " << error.what() << '\n';
  }
  pqxx::subtransaction bonus{tx, "bonus"};
  bonus.exec("insert into sale values (12, 2)");
  bonus.commit();
  { const pqxx::subtransaction nothing{tx, "nothing"}; }
  out << count(tx, "sale") << " sales\n";
  tx.commit();
}

void copy_books(pqxx::connection_base& db, std::ostream& out) {
  pqxx::work tx{db};
  const std::vector<std::string> columns{"id", "title", "cents"};
  pqxx::stream_to into{tx, "copied", columns};
  into << std::make_tuple(20, "Middlemarch", price{1900})
       << std::make_tuple(21, std::string{"tab\there"}, price{5});
  into.complete();
  // With columns, libpqxx 6.4 reads a member that it has not set: then only get_raw_line() is safe.
  pqxx::stream_from some{tx, "copied", columns};
  std::string line;
  out << some.get_raw_line(line) << ' ' << line;
  some.complete();
  pqxx::stream_from from{tx, "copied"};
  out << failure_of([&] { tx.exec("select 1", "during a stream"); }) << '\n';
  std::tuple<int, std::string, price> book;
  while (from >> book)
    out << std::get<0>(book) << ' ' << std::get<1>(book) << ' ' << std::get<2>(book).cents << '\n';
  from.complete();
  out << count(tx, "copied") << " copied\n";
  tx.commit();
  pqxx::work bad{db};
  {
    pqxx::stream_to broken{bad, "empty"};
    broken << std::make_tuple("no number");
  }
  out << failure_of([&] { bad.commit(); }) << '\n';
}

void ask_many_questions(pqxx::connection_base& db, std::ostream& out) {
  pqxx::nontransaction session{db};
  pqxx::pipeline batch{session, "batch"};
  batch.retain(10);
  std::vector<pqxx::pipeline::query_id> ids;
  for (int n = 1; n <= 4; ++n)
    ids.push_back(batch.insert("select title from book where id = " + std::to_string(n)));
  for (const auto id : ids) out << show(batch.retrieve(id)) << '\n';
  const auto good = batch.insert("select 1"), bad = batch.insert("select 1 / 0");
  const auto after = batch.insert("select 2");
  batch.complete();
  out << show(batch.retrieve(good)) << '\n';
  out << failure_of([&] { batch.retrieve(bad); }) << '\n';
  out << failure_of([&] { batch.retrieve(after); }) << '\n';
  batch.flush();
  out << batch.empty() << '\n';
}

void page_through_books(pqxx::connection_base& db, std::ostream& out) {
  pqxx::work tx{db};
  {
    pqxx::icursorstream pages{tx, "select id from book order by id", "pages", 2};
    pqxx::result page;
    pages >> page;
    out << show(page) << '\n';
    pages.ignore(1);
    pages.get(page);
    out << show(page) << '\n';
    pqxx::icursorstream rest{tx, "select id from book order by id", "rest", 3};
    for (pqxx::icursor_iterator at{rest}, end; at != end; ++at) out << show(*at) << '\n';
  }
  {
    using cursor = pqxx::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned>;
    cursor books{tx, "select id from book order by id", "books", false};
    out << books.size() << ' ' << show(books.retrieve(1, 3)) << ' ' << show(books.retrieve(3, 0))
        << '\n';
  }
  tx.commit();
}

void try_until_it_works(pqxx::connection_base& db, std::ostream& out) {
  int calls = 0;
  const int sales = pqxx::perform([&] {
    pqxx::transaction<pqxx::serializable> tx{db, "retried"};
    if (++calls < 3) tx.exec("do $$ begin raise sqlstate '40001'; end $$");
    const auto found = static_cast<int>(count(tx, "sale"));
    tx.commit();
    return found;
  });
  out << sales << " sales after " << calls << " calls\n";
}

void store_images(pqxx::connection_base& db, const std::string& file, std::ostream& out) {
  pqxx::work tx{db};
  pqxx::largeobject image{tx};
  {
    pqxx::largeobjectaccess open{tx, image, std::ios::in | std::ios::out};
    open.write("a picture of a book");
    open.seek(2, std::ios::beg);
    std::string part(7, ' ');
    out << open.read(part.data(), 7) << ' ' << part << ' ' << open.tell() << '\n';
  }
  {
    pqxx::olostream more{tx, image};
    more << "A picture of two books" << std::flush;
  }
  pqxx::ilostream stream{tx, image};
  out << std::string{std::istreambuf_iterator<char>{stream}, {}} << '\n';
  image.to_file(tx, file);
  pqxx::largeobject{tx, file}.remove(tx);
  image.remove(tx);
  tx.commit();
}

class news : public pqxx::notification_receiver {
 public:
  news(pqxx::connection_base& db, std::ostream& out)
      : notification_receiver{db, "news"}, out_{out} {}
  void operator()(const std::string& payload, int pid) override {
    out_ << channel() << ": " << payload << (pid == conn().backendpid() ? " by us\n" : "\n");
  }

 private:
  std::ostream& out_;
};

class warnings : public pqxx::errorhandler {
 public:
  warnings(pqxx::connection_base& db, std::ostream& out) : errorhandler{db}, out_{out} {}
  bool operator()(const char message[]) noexcept override {
    out_ << "warned: " << message;
    return false;
  }

 private:
  std::ostream& out_;
};

void hear_the_news(pqxx::connection_base& db, std::ostream& out) {
  const news first{db, out}, second{db, out};
  const warnings handler{db, out};
  pqxx::work tx{db};
  tx.exec("notify news, 'a new book'");
  tx.exec("do $$ begin raise warning 'dust'; end $$");
  tx.commit();
  out << db.await_notification(10, 0) + db.get_notifs() << '\n';
}

void set_the_session_up(pqxx::connection_base& db, std::ostream& out) {
  db.set_variable("application_name", "shop");
  out << db.get_variable("application_name") << '\n';
  pqxx::work tx{db};
  tx.set_variable("lock_timeout", "1000");
  out << tx.get_variable("lock_timeout") << ' ' << tx.get_variable("DateStyle") << '\n';
  tx.abort();
  db.set_client_encoding("UTF8");
  out << db.get_client_encoding() << ' ' << db.esc("it's") << ' ' << db.quote("it's") << ' '
      << db.protocol_version() << ' ' << db.dbname() << ' ' << db.username() << '\n';
  db.set_verbosity(pqxx::connection_base::terse);
  out << failure_of([&] { pqxx::nontransaction{db}.exec("select 1 / 0"); }) << '\n';
  db.set_verbosity(pqxx::connection_base::normal);
}

}  // namespace

/// A day in the shop.
std::string decorated_day(querytap::recorder& recorder, const std::string& server,
                          const std::string& file) {
  std::ostringstream out;
  pqxx::connection db{recorder, server};
  create_tables(db);
  {
    pqxx::work tx{db, "books"};
    add_books(tx);
    find_books(tx, out);
    tx.commit();
  }
  use_prepared_statements(db, out);
  fail_in_all_ways(db, out);
  sell<pqxx::work>(db, 2, out);
  sell<pqxx::transaction<pqxx::repeatable_read>>(db, 3, out);
  sell<pqxx::transaction<pqxx::serializable, pqxx::read_write>>(db, 4, out);
  sell<pqxx::robusttransaction<>>(db, 5, out);
  sell_in_parts(db, out);
  copy_books(db, out);
  ask_many_questions(db, out);
  page_through_books(db, out);
  try_until_it_works(db, out);
  store_images(db, file, out);
  hear_the_news(db, out);
  set_the_session_up(db, out);
  pqxx::lazyconnection later{recorder, server};
  out << later.is_open() << ' ' << count(*std::make_unique<pqxx::work>(later), "book") << ' '
      << later.is_open() << '\n';
  return out.str();
}

}  // namespace shop
