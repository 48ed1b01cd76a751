#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {
class report_hub;
}

/// What a recorder takes for slow, hung, or repeated too often: changes it while calls are made.
///
///     const thresholds limits{recorder};
///     limits.set_slow_statement("select sum(price) from orders", 5s);
///     limits.set_slow_request("POST /report", 1min);
///     limits.set_hung(10min);
///
/// What holds from the start is in the options of the recorder (slow_request, hung_after,
/// n_plus_one_from, idle_in_transaction) and of each client (slow_threshold, slow_multiple). The threshold of a name comes
/// before that of all names; without a time, a name has none of its own any more. A name that nothing
/// has yet is legal: the statement or request may come later.
///
/// A call that runs is reported as running by the threshold that it began with; when it ends, the one of
/// that moment decides.
///
/// Threads  any number at once, and at any time. Calls do not wait for a change.
/// Cost     set_slow_statement() and set_slow_call() go through the statements that were called; the
///          others change one number. A call costs what it did.
/// Errors   configuration_error, which names option and value, for a time or a number that makes no sense,
///          and for an empty name or text.
/// Lifetime a small value; the recorder must outlive it.
class thresholds {
 public:
  explicit thresholds(recorder& recorder);

  /// The calls of all clients of a kind, by `db.system.name`: "postgresql". Without a time, the options
  /// of each client hold again.
  void set_slow_call(std::string_view system, std::optional<std::chrono::nanoseconds> time) const;
  /// The calls of one statement, by any text of it as default settings read it, on every client. Its
  /// slow_multiple does not count.
  void set_slow_statement(std::string_view text,
                          std::optional<std::chrono::nanoseconds> time) const;

  /// All requests but those with a threshold of their own; 0: every request is reported.
  void set_slow_request(std::chrono::nanoseconds time) const;
  /// The requests of one name.
  void set_slow_request(std::string_view name, std::optional<std::chrono::nanoseconds> time) const;

  /// A call that still runs after so long is a finding, if it is slow, too.
  void set_hung(std::chrono::nanoseconds time) const;
  /// A request that calls one statement so often from one line is reported, with a finding.
  void set_n_plus_one(std::uint64_t calls) const;
  /// A transaction in which nothing is called for so long is a finding.
  void set_idle_in_transaction(std::chrono::nanoseconds time) const;

 private:
  recorder* recorder_;
  detail::report_hub* hub_;  // a part of the recorder
};

}  // namespace querytap
