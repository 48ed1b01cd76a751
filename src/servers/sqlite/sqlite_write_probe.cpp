#include <querytap/servers/sqlite/sqlite_write_probe.hpp>

#include "../../base/ascii.hpp"
#include "../common/measured.hpp"
#include "database_file.hpp"
#include "file_session.hpp"
#include "sqlite_fault.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/human.hpp>

#include <utility>

namespace querytap {
namespace {

/// True if what was written is what came back. Nothing of it stays, whatever happens.
bool is_written_and_read(const detail::file_session& session, const std::string& table) {
  constexpr std::string_view written = "written by a health check";
  // Others see the table from its first commit on; the row they never see.
  session.query("create table if not exists " + table + "(id integer primary key, note text)");
  session.query("begin immediate");
  session.query("insert into " + table + "(note) values (?)", written);
  const bool is_equal =
      session.text_of("select note from " + table + " where id = last_insert_rowid()") == written;
  session.query("delete from " + table);
  session.query("commit");
  return is_equal;
}

}  // namespace

sqlite_write_probe::sqlite_write_probe(sqlite_write_probe_options options)
    : options_{std::move(options)} {
  detail::expect_database_file(options_.path);
  const std::string& table = options_.table;
  if (table.empty() || detail::is_ascii_digit(table[0]) || !detail::is_ascii_word(table) ||
      sqlite3_keyword_check(table.data(), static_cast<int>(table.size())) != 0) {
    throw configuration_error{"table", table,
                              "expected letters, digits and underscores, and no keyword"};
  }
}

health_answer sqlite_write_probe::look(deadline until) {
  const auto start = std::chrono::steady_clock::now();
  bool is_equal = false;
  try {
    const detail::file_session session{options_.path, detail::file_session::access::write, until};
    if (session.number_of("pragma page_count") == 0) return {{detail::empty_database("writes")}};
    is_equal = is_written_and_read(session, options_.table);
  } catch (const detail::sqlite_failure& failure) {
    return {{detail::sqlite_fault("writes", failure, options_.path)}};
  }
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
  return {{detail::verified("writes", is_equal, health_status::fail,
                            "what was read is not what was written",
                            "stop writing to the file, and check it with pragma integrity_check"),
           detail::measured("write_time", std::chrono::duration<double>{took}.count(), "s",
                            {.warn = std::chrono::duration<double>{options_.slow}.count()},
                            "a write took " + human_duration(took),
                            "look for long write transactions, and at the load of the disk")}};
}

}  // namespace querytap
