#pragma once

#include <querytap/analysis/plans/server_facts.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <stdexcept>
#include <string>

namespace querytap {

/// Why there is no plan. Quotes neither the statement nor the server's reply.
class plan_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct explained_statement {
  query_plan plan = {};
  server_facts facts = {};
};

/// What a running call waits for, as its server says.
struct server_wait {
  std::string waits_for = {};  ///< empty: nothing, or not known
  bool is_lock = false;        ///< true: a lock that another session holds
};

/// Asks one database, on a connection of its own, for the plan of a statement and for what a call
/// waits for. The statement itself is not executed.
///
///     query_watch watch{recorder, {.plans = {std::make_shared<postgres_inspector>("dbname=chat")}}};
///
/// Threads  one call at a time, from the watch's thread.
/// Errors   plan_error; any other exception is treated like it.
class server_inspector {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  virtual ~server_inspector() = default;

  /// Whether the call went to its database.
  [[nodiscard]] virtual bool serves(const call_report& call) const = 0;

  /// The plan, for unknown values unless query_plan::is_generic is false. Returns or throws soon after the deadline at the latest.
  [[nodiscard]] virtual explained_statement explain(const call_report& call, deadline until) = 0;

  [[nodiscard]] virtual server_wait wait_of(const call_report& /*call*/, deadline /*until*/) {
    return {};
  }
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/servers.hpp>
#endif
