#include <querytap/decorators/mysql/calls.hpp>

#include "result.hpp"
#include "session.hpp"

#include <cstring>

namespace querytap::mysql {
namespace {

/// A command that is one operation, and fails where its result is not 0.
template <class Call>
auto timed_command(connection* db, std::string_view name, location site, Call call,
                   phase phase = phase::execute) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_command(name, phase, site);
  const auto failed = call(db->native());
  session.answered(failed != 0);
  return failed;
}

/// One that returns rows.
template <class Call>
result* timed_list(connection* db, std::string_view name, location site, Call call) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_command(name, phase::execute, site);
  MYSQL_RES* const rows = call(db->native());
  session.listed(rows);
  return detail::result_of(db->native(), rows);
}

}  // namespace

int mysql_query(connection* db, const char* sql, location site) noexcept {
  return mysql_real_query(db, sql, static_cast<unsigned long>(std::strlen(sql)), site);
}

int mysql_real_query(connection* db, const char* sql, unsigned long size, location site) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_text({sql, size}, site);
  const int failed = ::mysql_real_query(db->native(), sql, size);
  session.answered(failed != 0);
  return failed;
}

int mysql_send_query(connection* db, const char* sql, unsigned long size, location site) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_text({sql, size}, site);
  const int failed = ::mysql_send_query(db->native(), sql, size);
  if (failed != 0) session.answered(true);
  return failed;
}

my_bool mysql_read_query_result(connection* db) noexcept {
  const my_bool failed = ::mysql_read_query_result(db->native());
  detail::session::of(*db).answered(failed != 0);
  return failed;
}

int mysql_next_result(connection* db, location site) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_next(site);
  const int code = ::mysql_next_result(db->native());
  session.next_answered(code);
  return code;
}

int mysql_ping(connection* db, location site) noexcept {
  return timed_command(
      db, "CHECK CONNECTION", site, [](MYSQL* handle) { return ::mysql_ping(handle); },
      phase::validate);
}

int mysql_select_db(connection* db, const char* name, location site) noexcept {
  const int failed = timed_command(db, "USE ?", site,
                                   [=](MYSQL* handle) { return ::mysql_select_db(handle, name); });
  detail::session::of(*db).note_database();
  return failed;
}

my_bool mysql_change_user(connection* db, const char* user, const char* password,
                          const char* database, location site) noexcept {
  const my_bool failed = timed_command(db, "SET USER", site, [=](MYSQL* handle) {
    return ::mysql_change_user(handle, user, password, database);
  });
  if (failed == 0) detail::session::of(*db).note_reset(site);
  detail::session::of(*db).note_database();
  return failed;
}

int mysql_reset_connection(connection* db, location site) noexcept {
  const int failed = timed_command(db, "RESET CONNECTION", site,
                                   [](MYSQL* handle) { return ::mysql_reset_connection(handle); });
  if (failed == 0) detail::session::of(*db).note_reset(site);
  return failed;
}

my_bool mysql_autocommit(connection* db, my_bool mode, location site) noexcept {
  return timed_command(db, "SET autocommit = ?", site,
                       [=](MYSQL* handle) { return ::mysql_autocommit(handle, mode); });
}

my_bool mysql_commit(connection* db, location site) noexcept {
  return timed_command(
      db, "COMMIT", site, [](MYSQL* handle) { return ::mysql_commit(handle); }, phase::commit);
}

my_bool mysql_rollback(connection* db, location site) noexcept {
  return timed_command(db, "ROLLBACK", site,
                       [](MYSQL* handle) { return ::mysql_rollback(handle); });
}

int mysql_set_character_set(connection* db, const char* name, location site) noexcept {
  return timed_command(db, "SET NAMES ?", site,
                       [=](MYSQL* handle) { return ::mysql_set_character_set(handle, name); });
}

int mysql_set_server_option(connection* db, enum_mysql_set_option option, location site) noexcept {
  const int failed = timed_command(db, "SET OPTION", site, [=](MYSQL* handle) {
    return ::mysql_set_server_option(handle, option);
  });
  if (failed == 0) detail::session::of(*db).note_option(option);
  return failed;
}

int mysql_shutdown(connection* db, mysql_enum_shutdown_level level, location site) noexcept {
  return timed_command(db, "KILL SERVER", site,
                       [=](MYSQL* handle) { return ::mysql_shutdown(handle, level); });
}

int mysql_dump_debug_info(connection* db, location site) noexcept {
  return timed_command(db, "SHOW DEBUG", site,
                       [](MYSQL* handle) { return ::mysql_dump_debug_info(handle); });
}

int mysql_refresh(connection* db, unsigned options, location site) noexcept {
  return timed_command(db, "FLUSH", site,
                       [=](MYSQL* handle) { return ::mysql_refresh(handle, options); });
}

int mysql_kill(connection* db, unsigned long id, location site) noexcept {
  return timed_command(db, "KILL ?", site, [=](MYSQL* handle) { return ::mysql_kill(handle, id); });
}

char* mysql_stat(connection* db, location site) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_command("SHOW STATISTICS", phase::execute, site);
  char* const text = ::mysql_stat(db->native());
  session.answered(::mysql_errno(db->native()) != 0);
  return text;
}

result* mysql_list_dbs(connection* db, const char* pattern, location site) noexcept {
  return timed_list(db, "SHOW DATABASES", site,
                    [=](MYSQL* handle) { return ::mysql_list_dbs(handle, pattern); });
}

result* mysql_list_tables(connection* db, const char* pattern, location site) noexcept {
  return timed_list(db, "SHOW TABLES", site,
                    [=](MYSQL* handle) { return ::mysql_list_tables(handle, pattern); });
}

result* mysql_list_fields(connection* db, const char* table, const char* pattern,
                          location site) noexcept {
  return timed_list(db, "SHOW FIELDS", site,
                    [=](MYSQL* handle) { return ::mysql_list_fields(handle, table, pattern); });
}

result* mysql_list_processes(connection* db, location site) noexcept {
  return timed_list(db, "SHOW PROCESSLIST", site,
                    [](MYSQL* handle) { return ::mysql_list_processes(handle); });
}

}  // namespace querytap::mysql
