#pragma once

#include <querytap/decorators/mysql/calls.hpp>

/// The same for event loops: `…_start` begins a call, and `…_cont` goes on with it once one of the
/// returned events has come (MYSQL_WAIT_READ, …); 0 says that it is over. The connection has the
/// option MYSQL_OPT_NONBLOCK. The operation lasts from the start to the end of the result.
///
///     int failed = 0;
///     int events = mysql_real_query_start(&failed, &db, sql, size);
///     while (events != 0) events = mysql_real_query_cont(&failed, &db, loop.wait(socket, events));
///
/// Source   mariadb.com/kb/en/non-blocking-client-library
namespace querytap::mysql {

int mysql_real_connect_start(connection** ret, connection* db, const char* host, const char* user,
                             const char* password, const char* database, unsigned port,
                             const char* unix_socket, unsigned long flags) noexcept;
int mysql_real_connect_cont(connection** ret, connection* db, int events) noexcept;
int mysql_close_start(connection* db) noexcept;
int mysql_close_cont(connection* db, int events) noexcept;

int mysql_query_start(int* ret, connection* db, const char* sql,
                      location site = location::current()) noexcept;
int mysql_query_cont(int* ret, connection* db, int events) noexcept;
int mysql_real_query_start(int* ret, connection* db, const char* sql, unsigned long size,
                           location site = location::current()) noexcept;
int mysql_real_query_cont(int* ret, connection* db, int events) noexcept;
int mysql_send_query_start(int* ret, connection* db, const char* sql, unsigned long size,
                           location site = location::current()) noexcept;
int mysql_send_query_cont(int* ret, connection* db, int events) noexcept;
int mysql_read_query_result_start(my_bool* ret, connection* db) noexcept;
int mysql_read_query_result_cont(my_bool* ret, connection* db, int events) noexcept;
int mysql_store_result_start(result** ret, connection* db) noexcept;
int mysql_store_result_cont(result** ret, connection* db, int events) noexcept;
int mysql_next_result_start(int* ret, connection* db, location site = location::current()) noexcept;
int mysql_next_result_cont(int* ret, connection* db, int events) noexcept;
int mysql_fetch_row_start(MYSQL_ROW* ret, result* result) noexcept;
int mysql_fetch_row_cont(MYSQL_ROW* ret, result* result, int events) noexcept;
int mysql_free_result_start(result* result) noexcept;
int mysql_free_result_cont(result* result, int events) noexcept;

int mysql_ping_start(int* ret, connection* db, location site = location::current()) noexcept;
int mysql_ping_cont(int* ret, connection* db, int events) noexcept;
int mysql_select_db_start(int* ret, connection* db, const char* name,
                          location site = location::current()) noexcept;
int mysql_select_db_cont(int* ret, connection* db, int events) noexcept;
int mysql_change_user_start(my_bool* ret, connection* db, const char* user, const char* password,
                            const char* database, location site = location::current()) noexcept;
int mysql_change_user_cont(my_bool* ret, connection* db, int events) noexcept;
int mysql_reset_connection_start(int* ret, connection* db,
                                 location site = location::current()) noexcept;
int mysql_reset_connection_cont(int* ret, connection* db, int events) noexcept;
int mysql_autocommit_start(my_bool* ret, connection* db, my_bool mode,
                           location site = location::current()) noexcept;
int mysql_autocommit_cont(my_bool* ret, connection* db, int events) noexcept;
int mysql_commit_start(my_bool* ret, connection* db, location site = location::current()) noexcept;
int mysql_commit_cont(my_bool* ret, connection* db, int events) noexcept;
int mysql_rollback_start(my_bool* ret, connection* db,
                         location site = location::current()) noexcept;
int mysql_rollback_cont(my_bool* ret, connection* db, int events) noexcept;
int mysql_set_character_set_start(int* ret, connection* db, const char* name,
                                  location site = location::current()) noexcept;
int mysql_set_character_set_cont(int* ret, connection* db, int events) noexcept;
int mysql_set_server_option_start(int* ret, connection* db, enum_mysql_set_option option,
                                  location site = location::current()) noexcept;
int mysql_set_server_option_cont(int* ret, connection* db, int events) noexcept;
int mysql_shutdown_start(int* ret, connection* db, mysql_enum_shutdown_level level,
                         location site = location::current()) noexcept;
int mysql_shutdown_cont(int* ret, connection* db, int events) noexcept;
int mysql_dump_debug_info_start(int* ret, connection* db,
                                location site = location::current()) noexcept;
int mysql_dump_debug_info_cont(int* ret, connection* db, int events) noexcept;
int mysql_refresh_start(int* ret, connection* db, unsigned options,
                        location site = location::current()) noexcept;
int mysql_refresh_cont(int* ret, connection* db, int events) noexcept;
int mysql_kill_start(int* ret, connection* db, unsigned long id,
                     location site = location::current()) noexcept;
int mysql_kill_cont(int* ret, connection* db, int events) noexcept;
int mysql_stat_start(const char** ret, connection* db,
                     location site = location::current()) noexcept;
int mysql_stat_cont(const char** ret, connection* db, int events) noexcept;
int mysql_list_fields_start(result** ret, connection* db, const char* table, const char* pattern,
                            location site = location::current()) noexcept;
int mysql_list_fields_cont(result** ret, connection* db, int events) noexcept;

int mysql_stmt_prepare_start(int* ret, statement* statement, const char* sql, unsigned long size,
                             location site = location::current()) noexcept;
int mysql_stmt_prepare_cont(int* ret, statement* statement, int events) noexcept;
int mysql_stmt_execute_start(int* ret, statement* statement,
                             location site = location::current()) noexcept;
int mysql_stmt_execute_cont(int* ret, statement* statement, int events) noexcept;
int mysql_stmt_store_result_start(int* ret, statement* statement) noexcept;
int mysql_stmt_store_result_cont(int* ret, statement* statement, int events) noexcept;
int mysql_stmt_fetch_start(int* ret, statement* statement) noexcept;
int mysql_stmt_fetch_cont(int* ret, statement* statement, int events) noexcept;
int mysql_stmt_next_result_start(int* ret, statement* statement) noexcept;
int mysql_stmt_next_result_cont(int* ret, statement* statement, int events) noexcept;
int mysql_stmt_send_long_data_start(my_bool* ret, statement* statement, unsigned parameter,
                                    const char* data, unsigned long size) noexcept;
int mysql_stmt_send_long_data_cont(my_bool* ret, statement* statement, int events) noexcept;
int mysql_stmt_reset_start(my_bool* ret, statement* statement) noexcept;
int mysql_stmt_reset_cont(my_bool* ret, statement* statement, int events) noexcept;
int mysql_stmt_free_result_start(my_bool* ret, statement* statement) noexcept;
int mysql_stmt_free_result_cont(my_bool* ret, statement* statement, int events) noexcept;
int mysql_stmt_close_start(my_bool* ret, statement* statement) noexcept;
int mysql_stmt_close_cont(my_bool* ret, statement* statement, int events) noexcept;

}  // namespace querytap::mysql
