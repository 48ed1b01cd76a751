#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <string_view>

/// What is known of a MariaDB or MySQL server: names, units and attributes.
///
/// Source   the mysqlreceiver of the OpenTelemetry Collector; what it lacks is named under `mysql.`, in its
///          style.
namespace querytap::catalog::mysql {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view about[] = {"db.system.name", "server.address", "server.port", "mysql.version"};
inline constexpr std::string_view server[] = {"db.system.name", "server.address", "server.port"};
inline constexpr std::string_view kind[] = {"db.system.name", "server.address", "server.port", "kind"};
inline constexpr std::string_view error[] = {"db.system.name", "server.address", "server.port", "error"};
inline constexpr std::string_view command[] = {"db.system.name", "server.address", "server.port", "command"};
inline constexpr std::string_view operation[] = {"db.system.name", "server.address", "server.port", "operation"};
inline constexpr std::string_view status[] = {"db.system.name", "server.address", "server.port", "status"};
inline constexpr std::string_view resource[] = {"db.system.name", "server.address", "server.port", "resource"};
inline constexpr std::string_view channel[] = {"db.system.name", "server.address", "server.port", "channel"};
inline constexpr std::string_view thread[] = {"db.system.name", "server.address", "server.port", "channel", "thread"};
}  // namespace keys

using enum instrument_kind;

inline constexpr instrument server_info{"mysql.server.info", "1", info, "Version of the server.", {}, keys::about};
inline constexpr instrument uptime{"mysql.uptime", "s", gauge, "Time since the server was started.", {}, keys::server};
inline constexpr instrument threads{"mysql.threads", "{thread}", gauge, "Threads of connections, by what they do.", {}, keys::kind};
inline constexpr instrument connection_count{"mysql.connection.count", "{connection}", counter, "Attempts to connect.", {}, keys::server};
inline constexpr instrument connection_limit{"mysql.connection.limit", "{connection}", gauge, "Connections that may be open at most.", {}, keys::server};
inline constexpr instrument connection_errors{"mysql.connection.errors", "{error}", counter, "Connections that failed or were lost, by why.", {}, keys::error};
inline constexpr instrument max_used_connections{"mysql.max_used_connections", "{connection}", gauge, "The most connections that were open at once.", {}, keys::server};
inline constexpr instrument query_count{"mysql.query.count", "{query}", counter, "Statements that were executed, those of procedures too.", {}, keys::server};
inline constexpr instrument query_client_count{"mysql.query.client.count", "{query}", counter, "Statements that clients sent.", {}, keys::server};
inline constexpr instrument query_slow_count{"mysql.query.slow.count", "{query}", counter, "Statements that took longer than long_query_time.", {}, keys::server};
inline constexpr instrument commands{"mysql.commands", "{command}", counter, "Statements by their kind.", {}, keys::command};
inline constexpr instrument prepared_statements{"mysql.prepared_statements", "{command}", counter, "Commands of prepared statements.", {}, keys::command};
inline constexpr instrument handlers{"mysql.handlers", "{request}", counter, "Requests to the storage engines.", {}, keys::kind};
inline constexpr instrument operations{"mysql.operations", "{operation}", counter, "Operations of InnoDB on its files.", {}, keys::operation};
inline constexpr instrument pool_limit{"mysql.buffer_pool.limit", "By", gauge, "Size of the buffer pool.", {}, keys::server};
inline constexpr instrument pool_usage{"mysql.buffer_pool.usage", "By", gauge, "Bytes of data in the buffer pool.", {}, keys::status};
inline constexpr instrument pool_pages{"mysql.buffer_pool.pages", "{page}", gauge, "Pages of the buffer pool.", {}, keys::kind};
inline constexpr instrument pool_data_pages{"mysql.buffer_pool.data_pages", "{page}", gauge, "Pages of data in the buffer pool.", {}, keys::status};
inline constexpr instrument pool_operations{"mysql.buffer_pool.operations", "{operation}", counter, "Operations on the buffer pool.", {}, keys::operation};
inline constexpr instrument pool_page_flushes{"mysql.buffer_pool.page_flushes", "{page}", counter, "Pages that were written from the buffer pool.", {}, keys::server};
inline constexpr instrument row_locks{"mysql.row_locks", "{wait}", counter, "Waits for locks of rows.", {}, keys::server};
inline constexpr instrument row_lock_time{"mysql.row_lock.time", "s", counter, "Time of waits for locks of rows.", {}, keys::server};
inline constexpr instrument row_lock_waiting{"mysql.row_lock.waiting", "{wait}", gauge, "Statements that wait for locks of rows.", {}, keys::server};
inline constexpr instrument row_operations{"mysql.row_operations", "{row}", counter, "Rows by what was done to them.", {}, keys::operation};
inline constexpr instrument log_operations{"mysql.log_operations", "{operation}", counter, "Operations on the log of InnoDB.", {}, keys::operation};
inline constexpr instrument double_writes{"mysql.double_writes", "{write}", counter, "Writes to the doublewrite buffer.", {}, keys::kind};
inline constexpr instrument page_operations{"mysql.page_operations", "{operation}", counter, "Pages of InnoDB by what was done to them.", {}, keys::operation};
inline constexpr instrument history_length{"mysql.innodb.history_length", "{transaction}", gauge, "Transactions whose old row versions are not yet purged.", {}, keys::server};
inline constexpr instrument deadlocks{"mysql.innodb.deadlocks", "{deadlock}", counter, "Deadlocks.", {}, keys::server};
inline constexpr instrument sorts{"mysql.sorts", "{sort}", counter, "Sorts, and the rows in them.", {}, keys::kind};
inline constexpr instrument tmp_resources{"mysql.tmp_resources", "{resource}", counter, "Temporary tables and files that were made.", {}, keys::resource};
inline constexpr instrument locks{"mysql.locks", "{lock}", counter, "Locks of tables, had at once or waited for.", {}, keys::kind};
inline constexpr instrument joins{"mysql.joins", "{join}", counter, "Joins and scans, by how rows were found.", {}, keys::kind};
inline constexpr instrument network{"mysql.client.network.io", "By", counter, "Bytes from and to clients.", {}, keys::kind};
inline constexpr instrument opened_resources{"mysql.opened_resources", "{resource}", counter, "Files and tables that were opened.", {}, keys::kind};
inline constexpr instrument table_open_cache{"mysql.table_open_cache", "{lookup}", counter, "Look-ups in the cache of open tables.", {}, keys::status};
inline constexpr instrument transactions{"mysql.transactions.open", "{transaction}", gauge, "Transactions of InnoDB that are open.", {}, keys::server};
inline constexpr instrument transaction_longest{"mysql.transactions.longest", "s", gauge, "For how long the oldest of them has been open.", {}, keys::server};
inline constexpr instrument lock_waits{"mysql.transactions.waiting", "{transaction}", gauge, "Those that wait for a lock.", {}, keys::server};
inline constexpr instrument lock_wait_longest{"mysql.transactions.longest_wait", "s", gauge, "For how long the first of them has waited.", {}, keys::server};
inline constexpr instrument replica_lag{"mysql.replica.time_behind_source", "s", gauge, "How far a replica is behind.", {}, keys::channel};
inline constexpr instrument replica_running{"mysql.replica.running", "1", gauge, "1: the thread of the replica runs.", {}, keys::thread};
// clang-format on

inline constexpr std::array all{&server_info,
                                &uptime,
                                &threads,
                                &connection_count,
                                &connection_limit,
                                &connection_errors,
                                &max_used_connections,
                                &query_count,
                                &query_client_count,
                                &query_slow_count,
                                &commands,
                                &prepared_statements,
                                &handlers,
                                &operations,
                                &pool_limit,
                                &pool_usage,
                                &pool_pages,
                                &pool_data_pages,
                                &pool_operations,
                                &pool_page_flushes,
                                &row_locks,
                                &row_lock_time,
                                &row_lock_waiting,
                                &row_operations,
                                &log_operations,
                                &double_writes,
                                &page_operations,
                                &history_length,
                                &deadlocks,
                                &sorts,
                                &tmp_resources,
                                &locks,
                                &joins,
                                &network,
                                &opened_resources,
                                &table_open_cache,
                                &transactions,
                                &transaction_longest,
                                &lock_waits,
                                &lock_wait_longest,
                                &replica_lag,
                                &replica_running};

}  // namespace querytap::catalog::mysql
