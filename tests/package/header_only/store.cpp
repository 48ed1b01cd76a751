// The rest of the program includes headers alone.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

std::uint64_t add_documents(querytap::recorder& recorder) {
  querytap::sqlite::connection db{recorder, ":memory:"};
  db.exec("create table documents(id integer primary key, body text)");
  for (int i = 0; i < 2; ++i) db.prepare("insert into documents(body) values (?)").run("page");

  std::uint64_t calls = 0;
  for (const auto& row : querytap::statement_table(recorder.collect())) calls += row.calls;
  return calls;
}
