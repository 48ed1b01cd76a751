#pragma once

#include "threshold_rules.hpp"

#include <querytap/base/outcome.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/detail/slow_call_in_flight.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

class recorder;
class statement;

namespace detail {

class backend_state;
class ledger;
class observed_pool;
class open_transaction;
struct pending_transaction;
class repeated_requests;
class report_store;
class wall_times;
class watched_pool;
class watched_transactions;

/// What was published since the feed was last taken.
struct report_feed {
  std::vector<std::shared_ptr<const call_report>> call_reports;
  std::vector<std::shared_ptr<const request_report>> requests;
  std::vector<std::shared_ptr<const finding>> findings;
};

/// Where a recorder's slow, failed and hung calls are reported, and the requests with a ledger
/// worth reading. The threads that made them report without a lock; the collector turns what is in
/// the queues into values, publishes them with their findings, and stores the most recent and the
/// slowest. A request that was neither slow nor failed, but repeats a statement, is reported the first
/// time, and then once a minute at most (repeated_requests).
///
/// Threads  any number at once.
/// Cost     report(): a copy of some 400 bytes, or of a pointer; no lock, no allocation, and no
///          system call except the one that asks for the thread's number, once. When a queue is
///          full the newest report is dropped, which is counted in `querytap.dropped`.
class report_hub final : public recorder_part {
 public:
  explicit report_hub(recorder& recorder);
  ~report_hub() override;

  /// The operating system's number of this thread.
  [[nodiscard]] static std::uint64_t thread_number() noexcept;

  // For threads that make calls:

  /// `failure` is owned by the statement; null if the call did not fail.
  void report(const statement& statement, const call_data& call, const outcome* failure,
              const call_extras& extras) noexcept;
  /// True if a request with this ledger, which is over, is to be reported.
  [[nodiscard]] bool is_reportable(const ledger& ledger) const noexcept;
  /// Takes the ledger over, unless there is no room for it: then false.
  bool report(ledger& ledger) noexcept;

  /// Of a transaction with something to report; the request is that of this thread. May allocate.
  void report(pending_transaction transaction) noexcept;

  [[nodiscard]] threshold_rules& rules() noexcept { return rules_; }
  [[nodiscard]] const threshold_rules& rules() const noexcept { return rules_; }

  // For the collector:

  /// Publishes what was reported.
  void drain();
  /// Publishes calls in flight that take longer than their threshold, each once; and what is wrong with
  /// the pools.
  void report_running();
  void publish(call_report report);
  /// Of a request that was slow or failed.
  void publish(request_report report);
  /// Of a request that only repeats calls.
  void publish_repeating(request_report report);
  void publish(finding finding);
  /// Changes a stored report, whose plan has become known, say; does nothing if it is not stored
  /// any more.
  void amend(std::uint64_t number, const std::function<void(call_report&)>& change);

  /// Reports published from here on are put into the feed as well, until it is taken; past a limit
  /// the newest are dropped, which is counted. The subscription ends with the feed.
  [[nodiscard]] std::shared_ptr<report_feed> subscribe();
  [[nodiscard]] report_feed take(report_feed& feed);

  /// From here on calls of the backend are reported while they run, and rules are applied to it.
  void register_backend(backend_state& backend);
  /// Under a parts_lock.
  template <class Visit>
  void for_each_backend(Visit visit) const {
    for (backend_state* const backend : backends_) visit(*backend);
  }

  /// From here on the state of the pool is in each snapshot, until unregister_pool().
  void register_pool(observed_pool& pool);
  void unregister_pool(const observed_pool& pool) noexcept;
  /// From here on the connection's transaction is a finding while it idles for long, until it is gone.
  void watch(const std::shared_ptr<const open_transaction>& transaction,
             const backend_state& backend);
  /// What the pool's time is shown as among the backends of a request: `pool NAME`. Lives as long as
  /// this.
  [[nodiscard]] std::string_view label_of_pool(std::string_view name);

  void release_idle(const series_usage& usage) override;
  void add_to(snapshot& snapshot) override;
  void start_from_zero() noexcept override;

 private:
  struct queues;
  struct running_calls;
  struct dropped_reports {
    std::string_view reason;
    // ORDER relaxed: a number for a self-metric; nothing is published with it.
    std::atomic<std::uint64_t> count{0};
    std::shared_ptr<const series_identity> series = nullptr;  // under a parts_lock
  };

  template <class Value>
  void feed_subscribers(std::vector<Value> report_feed::*list, const Value& value);
  [[nodiscard]] std::optional<call_report> report_of_running(const slow_call_in_flight& running,
                                                             const wall_times& times);
  [[nodiscard]] const backend_state* find_backend(const active_call& call);
  [[nodiscard]] bool is_slow_or_failed(const ledger& ledger) const noexcept;
  /// The state of the pools, whose findings it publishes.
  [[nodiscard]] std::vector<pool_report> look_at_pools();
  void look_at_transactions();
  void add_dropped(snapshot& snapshot);

  recorder& recorder_;
  threshold_rules rules_;
  std::unique_ptr<queues> queues_;
  dropped_reports dropped_calls_{"slow_query"};
  dropped_reports dropped_requests_{"request"};
  dropped_reports dropped_transactions_{"transaction"};
  dropped_reports dropped_from_feeds_{"news"};
  std::unique_ptr<running_calls> running_;
  const counter left_out_;

  // Under a parts_lock:
  std::unique_ptr<report_store> store_;
  std::vector<backend_state*> backends_;
  std::vector<std::weak_ptr<report_feed>> subscribers_;
  std::unique_ptr<repeated_requests> repeated_;
  std::vector<watched_pool> pools_;
  std::unique_ptr<watched_transactions> transactions_;
  std::set<std::string, std::less<>> pool_labels_;
};

}  // namespace detail
}  // namespace querytap
