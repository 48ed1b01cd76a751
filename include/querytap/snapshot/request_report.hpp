#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/snapshot/call_site.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace querytap {

/// The part of a request that one kind of backend took.
struct backend_share {
  /// `db.system.name`; `pool NAME` for waits for a pool; `_OTHER` for backends past the limit.
  std::string system = {};
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  std::uint64_t rows = 0;
  std::uint64_t retries = 0;
  phase_times phases = {};  ///< a call within a call is not counted twice
};

/// The part of a request that one statement took, called from one line.
struct statement_share {
  std::string system = {};
  std::string database = {};        ///< `db.namespace`
  std::string server_address = {};  ///< empty: not known
  std::uint16_t server_port = 0;    ///< 0: the default port
  std::shared_ptr<const statement_identity> statement = nullptr;
  call_site site = {};
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  std::uint64_t rows = 0;
  std::uint64_t duplicates = 0;     ///< calls with parameters that were sent before
  std::chrono::nanoseconds time{};  ///< of all calls together
  std::chrono::nanoseconds slowest{};
};

/// One call, as a waterfall shows it.
struct request_call {
  std::size_t statement = 0;         ///< index into request_report::statements
  std::chrono::nanoseconds begin{};  ///< after the begin of the request
  std::chrono::nanoseconds duration{};
  bool failed = false;
  std::string error_type = {};             ///< empty: the call did not fail
  std::string status_code = {};            ///< `db.response.status_code`, SQLSTATE for one
  std::optional<std::uint64_t> rows = {};  ///< that it returned, where that is known
};

/// One wait for an object of a pool, all of whose objects were lent.
struct pool_wait {
  std::string pool = {};             ///< `db.client.connection.pool.name`
  std::chrono::nanoseconds begin{};  ///< after the begin of the request
  std::chrono::nanoseconds duration{};
  bool failed = false;  ///< no object was given back in time
};

/// One stage of a request that retrieves and generates: see calls/retrieval/rag_request.hpp.
struct request_stage {
  std::string stage = {};            ///< `querytap.stage`
  std::string strategy = {};         ///< `querytap.strategy`; may be empty
  std::chrono::nanoseconds begin{};  ///< after the begin of the request
  std::chrono::nanoseconds duration{};
  std::optional<std::uint64_t> results = {};  ///< passages that it handed on, where that is known
  bool failed = false;
};

/// Where the time of one request went.
///
///     report.duration == report.application + the phases of all report.backends
///
/// Threads  a plain value, shared once made.
struct request_report {
  std::uint64_t number = 0;  ///< counts the requests that the recorder stored, from 1
  std::string name = {};
  std::chrono::system_clock::time_point start = {};
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds application{};  ///< spent in none of the backends
  std::string error_type = {};             ///< empty: the request did not fail
  trace_context self = {};                 ///< the span of the request, new if there was no trace
  std::optional<trace_context> caller = {};
  std::vector<backend_share> backends = {};
  std::vector<statement_share> statements = {};  ///< in the order of their first call
  std::vector<request_call> calls = {};          ///< the first to end, in that order
  std::uint64_t calls_left_out = 0;              ///< of `calls` alone: all other numbers count them
  std::uint64_t other_statements = 0;  ///< calls of statements past the limit of `statements`
  std::vector<pool_wait> waits = {};   ///< the first waits for pools, in the order of their ends
  std::uint64_t waits_left_out = 0;    ///< of `waits` alone
  std::vector<request_stage> stages = {};  ///< in the order of their ends
  std::uint64_t stages_left_out = 0;       ///< of `stages` alone
  /// Requests that repeat the same statement from the same line as this one, and were not reported
  /// since the last of them that was.
  std::uint64_t left_out = 0;
};

}  // namespace querytap
