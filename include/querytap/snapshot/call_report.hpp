#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/snapshot/call_site.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

/// Why a call gets a report of its own.
enum class report_reason : std::uint8_t { slow, running, error, timeout, cancelled };

[[nodiscard]] constexpr std::string_view to_string(report_reason reason) noexcept {
  switch (reason) {
    case report_reason::slow: return "slow";
    case report_reason::running: return "running";
    case report_reason::error: return "error";
    case report_reason::timeout: return "timeout";
    case report_reason::cancelled: break;
  }
  return "cancelled";
}

/// A call that took longer than it may, failed, or is still running.
///
/// Threads  a plain value, shared once made.
struct call_report {
  std::uint64_t number = 0;  ///< counts the recorder's reports, from 1
  report_reason reason = report_reason::slow;
  std::string system = {};    ///< `db.system.name`
  std::string database = {};  ///< `db.namespace`
  /// SQLite: tells the database's file from others of the same name, and one database in memory from
  /// another. 0: not known.
  std::uint64_t database_file = 0;
  std::string server_address = {};                                ///< empty: not known
  std::uint16_t server_port = 0;                                  ///< 0: the default port
  std::shared_ptr<const statement_identity> statement = nullptr;  ///< never null once made
  std::chrono::system_clock::time_point start = {};
  std::chrono::nanoseconds duration{};   ///< so far, while it is running
  std::chrono::nanoseconds threshold{};  ///< that the call passed; 0 if it failed before
  phase_times phases = {};               ///< their sum is the duration
  std::chrono::nanoseconds pool_wait{};  ///< for the connection, before the start of the call
  std::optional<std::uint64_t> rows = {};
  std::uint32_t retries = 0;
  std::string error_type = {};   ///< empty: the call did not fail
  std::string status_code = {};  ///< `db.response.status_code`, SQLSTATE for one
  std::string waits_for = {};    ///< what a running call waits for, as the server reports it
  call_site site = {};
  std::string request = {};  ///< name of the request that the call belongs to, if any
  std::optional<trace_context> trace = {};  ///< of the request, or the trace in scope
  std::uint64_t thread = 0;                 ///< the operating system's number
  std::string parameters = {};              ///< kinds and sizes, if the options ask for them
  /// SQLite: steps of full scans, of tables and of whole indexes. 0 says nothing: `count(*)`, ranges
  /// that hold all rows and virtual tables have no such step.
  std::uint64_t full_scan_steps = 0;
  std::uint64_t sorts = 0;                 ///< SQLite: sorts that no index spared
  std::uint64_t automatic_index_rows = 0;  ///< SQLite: rows put into an index for this call alone
  std::string sqlstate = {};               ///< where status_code has a number of the server's own
  std::optional<std::uint64_t> affected_rows = {};  ///< MariaDB, MySQL: of a statement without rows
  std::uint64_t batch_size =
      0;  ///< statements, or sets of values, that were sent together; 0: no batch
  bool used_no_index = false;       ///< MariaDB, MySQL: says the server, and of an empty table, too
  std::uint64_t vm_steps = 0;       ///< SQLite: operations of its virtual machine
  std::uint64_t reprepares = 0;     ///< SQLite: compiled anew, for the schema had changed
  std::uint64_t filter_hits = 0;    ///< SQLite: rows of a join that a Bloom filter let through
  std::uint64_t filter_misses = 0;  ///< SQLite: rows of a join that a Bloom filter spared
  std::uint64_t statement_memory = 0;                ///< SQLite: bytes of the compiled statement
  std::shared_ptr<const query_plan> plan = nullptr;  ///< null until a plan is captured
  std::string plan_error = {};                       ///< why no plan was captured
};

}  // namespace querytap
