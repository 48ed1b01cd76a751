#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/decorators/mysql/connection.hpp>

#include <cstddef>

/// The functions of the C API that talk to the server, and those that make and end what they use.
/// Each takes and returns what its namesake does; `site` is the line that reports name.
///
///     if (mysql_query(&db, "select body from documents") != 0) return mysql_error(&db);
///     mysql::result* rows = mysql_store_result(&db);
///
/// Source   mariadb.com/kb/en/mariadb-connector-c
namespace querytap::mysql {

using location = code_location;

/// In the place of mysql_init(nullptr); null without memory. mysql_close() frees it.
[[nodiscard]] connection* mysql_init(recorder& telemetry,
                                     const connection_options& options = {}) noexcept;
/// Makes a closed connection one that can be connected again.
connection* mysql_init(connection* db) noexcept;
connection* mysql_real_connect(connection* db, const char* host, const char* user,
                               const char* password, const char* database, unsigned port,
                               const char* unix_socket, unsigned long flags) noexcept;
my_bool mariadb_reconnect(connection* db) noexcept;
void mysql_close(connection* db) noexcept;

int mysql_query(connection* db, const char* sql, location site = location::current()) noexcept;
int mysql_real_query(connection* db, const char* sql, unsigned long size,
                     location site = location::current()) noexcept;
int mysql_send_query(connection* db, const char* sql, unsigned long size,
                     location site = location::current()) noexcept;
my_bool mysql_read_query_result(connection* db) noexcept;
result* mysql_store_result(connection* db) noexcept;
result* mysql_use_result(connection* db) noexcept;
int mysql_next_result(connection* db, location site = location::current()) noexcept;
MYSQL_ROW mysql_fetch_row(result* result) noexcept;
void mysql_free_result(result* result) noexcept;

int mysql_ping(connection* db, location site = location::current()) noexcept;
int mysql_select_db(connection* db, const char* name, location site = location::current()) noexcept;
my_bool mysql_change_user(connection* db, const char* user, const char* password,
                          const char* database, location site = location::current()) noexcept;
int mysql_reset_connection(connection* db, location site = location::current()) noexcept;
my_bool mysql_autocommit(connection* db, my_bool mode,
                         location site = location::current()) noexcept;
my_bool mysql_commit(connection* db, location site = location::current()) noexcept;
my_bool mysql_rollback(connection* db, location site = location::current()) noexcept;
int mysql_set_character_set(connection* db, const char* name,
                            location site = location::current()) noexcept;
int mysql_set_server_option(connection* db, enum_mysql_set_option option,
                            location site = location::current()) noexcept;
int mysql_shutdown(connection* db, mysql_enum_shutdown_level level,
                   location site = location::current()) noexcept;
int mysql_dump_debug_info(connection* db, location site = location::current()) noexcept;
int mysql_refresh(connection* db, unsigned options, location site = location::current()) noexcept;
int mysql_kill(connection* db, unsigned long id, location site = location::current()) noexcept;
char* mysql_stat(connection* db, location site = location::current()) noexcept;
result* mysql_list_dbs(connection* db, const char* pattern,
                       location site = location::current()) noexcept;
result* mysql_list_tables(connection* db, const char* pattern,
                          location site = location::current()) noexcept;
result* mysql_list_fields(connection* db, const char* table, const char* pattern,
                          location site = location::current()) noexcept;
result* mysql_list_processes(connection* db, location site = location::current()) noexcept;

[[nodiscard]] statement* mysql_stmt_init(connection* db) noexcept;
int mysql_stmt_prepare(statement* statement, const char* sql, unsigned long size,
                       location site = location::current()) noexcept;
int mysql_stmt_execute(statement* statement, location site = location::current()) noexcept;
int mariadb_stmt_execute_direct(statement* statement, const char* sql, std::size_t size,
                                location site = location::current()) noexcept;
int mysql_stmt_store_result(statement* statement) noexcept;
int mysql_stmt_fetch(statement* statement) noexcept;
int mysql_stmt_next_result(statement* statement) noexcept;
my_bool mysql_stmt_send_long_data(statement* statement, unsigned parameter, const char* data,
                                  unsigned long size) noexcept;
my_bool mysql_stmt_reset(statement* statement) noexcept;
my_bool mysql_stmt_free_result(statement* statement) noexcept;
my_bool mysql_stmt_close(statement* statement) noexcept;

}  // namespace querytap::mysql
