#include <querytap/decorators/mysql/non_blocking.hpp>

#include "prepared.hpp"
#include "result.hpp"
#include "session.hpp"

#include <cstring>

// In each pair the first half begins the operation, and whichever sees no more events ends it: what the
// client library returns through `ret` is set by then, and not before: it is passed on unread.
namespace querytap::mysql {
namespace {

detail::session& started(connection* db, std::string_view name, location site,
                         phase phase = phase::execute) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_command(name, phase, site);
  return session;
}

template <class Failed>
int command_events(connection* db, int events, const Failed& failed) noexcept {
  if (events == 0) detail::session::of(*db).answered(failed != 0);
  return events;
}

/// Of a command after which the current database may be another.
template <class Failed>
int database_events(connection* db, int events, const Failed& failed) noexcept {
  static_cast<void>(command_events(db, events, failed));
  if (events == 0) detail::session::of(*db).note_database();
  return events;
}

/// Of a command after which the session is a new one.
template <class Failed>
int reset_events(connection* db, int events, const Failed& failed) noexcept {
  static_cast<void>(database_events(db, events, failed));
  if (events == 0 && failed == 0) detail::session::of(*db).note_reset({});
  return events;
}

int connect_events(connection** ret, connection* db, int events, const MYSQL* made) noexcept {
  if (events != 0) return events;
  detail::session::of(*db).end_connect(made != nullptr);
  *ret = made == nullptr ? nullptr : db;
  return events;
}

int close_events(connection* db, int events) noexcept {
  if (events != 0) return events;
  static_cast<void>(detail::session::release(*db));
  detail::session::end_release(*db);
  return events;
}

int send_events(connection* db, int events, const int& failed) noexcept {
  if (events == 0 && failed != 0) detail::session::of(*db).answered(true);
  return events;
}

int store_events(result** ret, connection* db, int events, MYSQL_RES* rows) noexcept {
  if (events != 0) return events;
  detail::session::of(*db).stored(rows);
  *ret = detail::result_of(db->native(), rows);
  return events;
}

int list_events(result** ret, connection* db, int events, MYSQL_RES* rows) noexcept {
  if (events != 0) return events;
  detail::session::of(*db).listed(rows);
  *ret = detail::result_of(db->native(), rows);
  return events;
}

int next_events(connection* db, int events, const int& code) noexcept {
  if (events == 0) detail::session::of(*db).next_answered(code);
  return events;
}

int row_events(result* result, int events, const MYSQL_ROW& row) noexcept {
  if (events == 0 && result->unread() != nullptr) detail::has_fetched(*result, row);
  return events;
}

int free_events(result* result, int events) noexcept {
  if (events != 0) return events;
  detail::has_freed(result->unread());
  delete result;
  return events;
}

int prepare_events(statement* statement, int events, const int& failed) noexcept {
  if (events == 0) statement->prepared(failed != 0);
  return events;
}

int execute_events(statement* statement, int events, const int& failed) noexcept {
  if (events == 0) statement->executed(failed != 0);
  return events;
}

int stored_events(statement* statement, int events, const int& failed) noexcept {
  if (events == 0) statement->stored(failed != 0);
  return events;
}

int fetch_events(statement* statement, int events, const int& code) noexcept {
  if (events == 0) statement->fetched(code);
  return events;
}

int next_events(statement* statement, int events, const int& code) noexcept {
  if (events == 0) statement->next_answered(code);
  return events;
}

int end_events(statement* statement, int events) noexcept {
  if (events == 0) statement->end();
  return events;
}

int stmt_close_events(statement* statement, int events) noexcept {
  if (events == 0) delete statement;
  return events;
}

}  // namespace

int mysql_real_connect_start(connection** ret, connection* db, const char* host, const char* user,
                             const char* password, const char* database, unsigned port,
                             const char* unix_socket, unsigned long flags) noexcept {
  detail::session::of(*db).begin_connect();
  MYSQL* made = nullptr;
  const int events = ::mysql_real_connect_start(&made, db->native(), host, user, password, database,
                                                port, unix_socket, flags);
  return connect_events(ret, db, events, made);
}

int mysql_real_connect_cont(connection** ret, connection* db, int events) noexcept {
  MYSQL* made = nullptr;
  const int more = ::mysql_real_connect_cont(&made, db->native(), events);
  return connect_events(ret, db, more, made);
}

int mysql_close_start(connection* db) noexcept {
  if (db == nullptr) return 0;
  return close_events(db, ::mysql_close_start(db->native()));
}

int mysql_close_cont(connection* db, int events) noexcept {
  return close_events(db, ::mysql_close_cont(db->native(), events));
}

int mysql_query_start(int* ret, connection* db, const char* sql, location site) noexcept {
  return mysql_real_query_start(ret, db, sql, static_cast<unsigned long>(std::strlen(sql)), site);
}

int mysql_query_cont(int* ret, connection* db, int events) noexcept {
  return mysql_real_query_cont(ret, db, events);
}

int mysql_real_query_start(int* ret, connection* db, const char* sql, unsigned long size,
                           location site) noexcept {
  detail::session::of(*db).begin_text({sql, size}, site);
  const int events = ::mysql_real_query_start(ret, db->native(), sql, size);
  return command_events(db, events, *ret);
}

int mysql_real_query_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_real_query_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_send_query_start(int* ret, connection* db, const char* sql, unsigned long size,
                           location site) noexcept {
  detail::session::of(*db).begin_text({sql, size}, site);
  const int events = ::mysql_send_query_start(ret, db->native(), sql, size);
  return send_events(db, events, *ret);
}

int mysql_send_query_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_send_query_cont(ret, db->native(), events);
  return send_events(db, more, *ret);
}

int mysql_read_query_result_start(my_bool* ret, connection* db) noexcept {
  const int events = ::mysql_read_query_result_start(ret, db->native());
  return command_events(db, events, *ret);
}

int mysql_read_query_result_cont(my_bool* ret, connection* db, int events) noexcept {
  const int more = ::mysql_read_query_result_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_store_result_start(result** ret, connection* db) noexcept {
  detail::session::of(*db).begin_store();
  MYSQL_RES* rows = nullptr;
  const int events = ::mysql_store_result_start(&rows, db->native());
  return store_events(ret, db, events, rows);
}

int mysql_store_result_cont(result** ret, connection* db, int events) noexcept {
  MYSQL_RES* rows = nullptr;
  const int more = ::mysql_store_result_cont(&rows, db->native(), events);
  return store_events(ret, db, more, rows);
}

int mysql_next_result_start(int* ret, connection* db, location site) noexcept {
  detail::session::of(*db).begin_next(site);
  const int events = ::mysql_next_result_start(ret, db->native());
  return next_events(db, events, *ret);
}

int mysql_next_result_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_next_result_cont(ret, db->native(), events);
  return next_events(db, more, *ret);
}

int mysql_fetch_row_start(MYSQL_ROW* ret, result* result) noexcept {
  const int events = ::mysql_fetch_row_start(ret, result->native());
  return row_events(result, events, *ret);
}

int mysql_fetch_row_cont(MYSQL_ROW* ret, result* result, int events) noexcept {
  const int more = ::mysql_fetch_row_cont(ret, result->native(), events);
  return row_events(result, more, *ret);
}

int mysql_free_result_start(result* result) noexcept {
  if (result == nullptr) return 0;
  return free_events(result, ::mysql_free_result_start(result->native()));
}

int mysql_free_result_cont(result* result, int events) noexcept {
  return free_events(result, ::mysql_free_result_cont(result->native(), events));
}

int mysql_ping_start(int* ret, connection* db, location site) noexcept {
  started(db, "CHECK CONNECTION", site, phase::validate);
  const int events = ::mysql_ping_start(ret, db->native());
  return command_events(db, events, *ret);
}

int mysql_ping_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_ping_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_select_db_start(int* ret, connection* db, const char* name, location site) noexcept {
  started(db, "USE ?", site);
  const int events = ::mysql_select_db_start(ret, db->native(), name);
  return database_events(db, events, *ret);
}

int mysql_select_db_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_select_db_cont(ret, db->native(), events);
  return database_events(db, more, *ret);
}

int mysql_change_user_start(my_bool* ret, connection* db, const char* user, const char* password,
                            const char* database, location site) noexcept {
  started(db, "SET USER", site);
  const int events = ::mysql_change_user_start(ret, db->native(), user, password, database);
  return reset_events(db, events, *ret);
}

int mysql_change_user_cont(my_bool* ret, connection* db, int events) noexcept {
  const int more = ::mysql_change_user_cont(ret, db->native(), events);
  return reset_events(db, more, *ret);
}

int mysql_reset_connection_start(int* ret, connection* db, location site) noexcept {
  started(db, "RESET CONNECTION", site);
  const int events = ::mysql_reset_connection_start(ret, db->native());
  return reset_events(db, events, *ret);
}

int mysql_reset_connection_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_reset_connection_cont(ret, db->native(), events);
  return reset_events(db, more, *ret);
}

int mysql_autocommit_start(my_bool* ret, connection* db, my_bool mode, location site) noexcept {
  started(db, "SET autocommit = ?", site);
  const int events = ::mysql_autocommit_start(ret, db->native(), mode);
  return command_events(db, events, *ret);
}

int mysql_autocommit_cont(my_bool* ret, connection* db, int events) noexcept {
  const int more = ::mysql_autocommit_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_commit_start(my_bool* ret, connection* db, location site) noexcept {
  started(db, "COMMIT", site, phase::commit);
  const int events = ::mysql_commit_start(ret, db->native());
  return command_events(db, events, *ret);
}

int mysql_commit_cont(my_bool* ret, connection* db, int events) noexcept {
  const int more = ::mysql_commit_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_rollback_start(my_bool* ret, connection* db, location site) noexcept {
  started(db, "ROLLBACK", site);
  const int events = ::mysql_rollback_start(ret, db->native());
  return command_events(db, events, *ret);
}

int mysql_rollback_cont(my_bool* ret, connection* db, int events) noexcept {
  const int more = ::mysql_rollback_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_set_character_set_start(int* ret, connection* db, const char* name,
                                  location site) noexcept {
  started(db, "SET NAMES ?", site);
  const int events = ::mysql_set_character_set_start(ret, db->native(), name);
  return command_events(db, events, *ret);
}

int mysql_set_character_set_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_set_character_set_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_set_server_option_start(int* ret, connection* db, enum_mysql_set_option option,
                                  location site) noexcept {
  started(db, "SET OPTION", site).note_option(option);
  const int events = ::mysql_set_server_option_start(ret, db->native(), option);
  return command_events(db, events, *ret);
}

int mysql_set_server_option_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_set_server_option_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_shutdown_start(int* ret, connection* db, mysql_enum_shutdown_level level,
                         location site) noexcept {
  started(db, "KILL SERVER", site);
  const int events = ::mysql_shutdown_start(ret, db->native(), level);
  return command_events(db, events, *ret);
}

int mysql_shutdown_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_shutdown_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_dump_debug_info_start(int* ret, connection* db, location site) noexcept {
  started(db, "SHOW DEBUG", site);
  const int events = ::mysql_dump_debug_info_start(ret, db->native());
  return command_events(db, events, *ret);
}

int mysql_dump_debug_info_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_dump_debug_info_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_refresh_start(int* ret, connection* db, unsigned options, location site) noexcept {
  started(db, "FLUSH", site);
  const int events = ::mysql_refresh_start(ret, db->native(), options);
  return command_events(db, events, *ret);
}

int mysql_refresh_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_refresh_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_kill_start(int* ret, connection* db, unsigned long id, location site) noexcept {
  started(db, "KILL ?", site);
  const int events = ::mysql_kill_start(ret, db->native(), id);
  return command_events(db, events, *ret);
}

int mysql_kill_cont(int* ret, connection* db, int events) noexcept {
  const int more = ::mysql_kill_cont(ret, db->native(), events);
  return command_events(db, more, *ret);
}

int mysql_stat_start(const char** ret, connection* db, location site) noexcept {
  started(db, "SHOW STATISTICS", site);
  const int events = ::mysql_stat_start(ret, db->native());
  return command_events(db, events, ::mysql_errno(db->native()));
}

int mysql_stat_cont(const char** ret, connection* db, int events) noexcept {
  const int more = ::mysql_stat_cont(ret, db->native(), events);
  return command_events(db, more, ::mysql_errno(db->native()));
}

int mysql_list_fields_start(result** ret, connection* db, const char* table, const char* pattern,
                            location site) noexcept {
  started(db, "SHOW FIELDS", site);
  MYSQL_RES* rows = nullptr;
  const int events = ::mysql_list_fields_start(&rows, db->native(), table, pattern);
  return list_events(ret, db, events, rows);
}

int mysql_list_fields_cont(result** ret, connection* db, int events) noexcept {
  MYSQL_RES* rows = nullptr;
  const int more = ::mysql_list_fields_cont(&rows, db->native(), events);
  return list_events(ret, db, more, rows);
}

int mysql_stmt_prepare_start(int* ret, statement* statement, const char* sql, unsigned long size,
                             location site) noexcept {
  statement->begin_prepare({sql, size}, site);
  const int events = ::mysql_stmt_prepare_start(ret, statement->native(), sql, size);
  return prepare_events(statement, events, *ret);
}

int mysql_stmt_prepare_cont(int* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_prepare_cont(ret, statement->native(), events);
  return prepare_events(statement, more, *ret);
}

int mysql_stmt_execute_start(int* ret, statement* statement, location site) noexcept {
  statement->begin_execute(site);
  const int events = ::mysql_stmt_execute_start(ret, statement->native());
  return execute_events(statement, events, *ret);
}

int mysql_stmt_execute_cont(int* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_execute_cont(ret, statement->native(), events);
  return execute_events(statement, more, *ret);
}

int mysql_stmt_store_result_start(int* ret, statement* statement) noexcept {
  statement->begin_store();
  const int events = ::mysql_stmt_store_result_start(ret, statement->native());
  return stored_events(statement, events, *ret);
}

int mysql_stmt_store_result_cont(int* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_store_result_cont(ret, statement->native(), events);
  return stored_events(statement, more, *ret);
}

int mysql_stmt_fetch_start(int* ret, statement* statement) noexcept {
  statement->begin_fetch();
  const int events = ::mysql_stmt_fetch_start(ret, statement->native());
  return fetch_events(statement, events, *ret);
}

int mysql_stmt_fetch_cont(int* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_fetch_cont(ret, statement->native(), events);
  return fetch_events(statement, more, *ret);
}

int mysql_stmt_next_result_start(int* ret, statement* statement) noexcept {
  const int events = ::mysql_stmt_next_result_start(ret, statement->native());
  return next_events(statement, events, *ret);
}

int mysql_stmt_next_result_cont(int* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_next_result_cont(ret, statement->native(), events);
  return next_events(statement, more, *ret);
}

int mysql_stmt_send_long_data_start(my_bool* ret, statement* statement, unsigned parameter,
                                    const char* data, unsigned long size) noexcept {
  return ::mysql_stmt_send_long_data_start(ret, statement->native(), parameter, data, size);
}

int mysql_stmt_send_long_data_cont(my_bool* ret, statement* statement, int events) noexcept {
  return ::mysql_stmt_send_long_data_cont(ret, statement->native(), events);
}

int mysql_stmt_reset_start(my_bool* ret, statement* statement) noexcept {
  const int events = ::mysql_stmt_reset_start(ret, statement->native());
  return end_events(statement, events);
}

int mysql_stmt_reset_cont(my_bool* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_reset_cont(ret, statement->native(), events);
  return end_events(statement, more);
}

int mysql_stmt_free_result_start(my_bool* ret, statement* statement) noexcept {
  const int events = ::mysql_stmt_free_result_start(ret, statement->native());
  return end_events(statement, events);
}

int mysql_stmt_free_result_cont(my_bool* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_free_result_cont(ret, statement->native(), events);
  return end_events(statement, more);
}

int mysql_stmt_close_start(my_bool* ret, statement* statement) noexcept {
  statement->end();
  const int events = ::mysql_stmt_close_start(ret, statement->native());
  return stmt_close_events(statement, events);
}

int mysql_stmt_close_cont(my_bool* ret, statement* statement, int events) noexcept {
  const int more = ::mysql_stmt_close_cont(ret, statement->native(), events);
  return stmt_close_events(statement, more);
}

}  // namespace querytap::mysql
