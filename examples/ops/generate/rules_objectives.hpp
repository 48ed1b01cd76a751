#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ops_rules {

/// An objectives file that cannot be used: the message names the file, the objective and the value.
class bad_objectives : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A share of calls that are answered within a time.
struct latency_objective {
  double share;  ///< 0.99
  std::chrono::nanoseconds within;
};

/// What is promised of one kind of request, or of the calls of one database system.
struct objective {
  std::string name;
  std::string request = {};                 ///< `querytap.request.name`; empty: of a system
  std::string system = {};                  ///< `db.system.name`; empty: of a request
  std::optional<double> availability = {};  ///< 0.999
  std::optional<latency_objective> latency = {};
};

struct service {
  std::string job;  ///< of Prometheus
  std::vector<objective> objectives = {};
};

/// From which on something is an alert.
struct alert_limits {
  double failed_calls = 0.01;    ///< share of a system's calls that one class of errors takes
  double slow_calls = 0.01;      ///< share of a system's calls over their slow threshold
  double statement_slower = 2;   ///< times its own median of last week
  double pool_used = 0.9;        ///< share of a pool's connections
  double n_plus_one = 10;        ///< findings in an hour
  double replication_lag = 60;   ///< seconds
  double transaction_age = 0.4;  ///< share of the transaction numbers that there are
  double disk_used = 0.9;        ///< share of a filesystem
  double least_events = 20;      ///< in the short window, for burn rates and statements
};

struct objectives {
  std::string runbooks;  ///< the address below which the runbooks are
  alert_limits limits;
  std::vector<service> services;
};

/// Reads and checks a file of objectives.
///
///     const objectives all = read_objectives("objectives.yaml");
///
/// Errors   bad_objectives.
[[nodiscard]] objectives read_objectives(const std::string& file);

}  // namespace ops_rules
