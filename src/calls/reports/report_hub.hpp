#pragma once

#include "../../recording/bounded_queue.hpp"

#include <querytap/base/outcome.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace querytap {

class recorder;
class statement;

namespace detail {

class backend_state;
class report_store;
class ledger;
class request_series;

/// What has become known since the last look, each thing once.
struct report_feed {
  std::vector<std::shared_ptr<const call_report>> call_reports;
  std::vector<std::shared_ptr<const request_report>> requests;
  std::vector<std::shared_ptr<const finding>> findings;
};

/// Where a recorder's slow, failed and hung calls are told of, and the requests whose ledgers are worth
/// keeping. Recording threads hand them over without a lock; the collector makes values of them, finds
/// what they show, and remembers the most recent and the slowest.
///
/// Threads  any number at once.
/// Cost     tell(): a copy of some 400 bytes, or of a pointer; no lock, no allocation, no system call
///          but for the number of the thread, once. When a ring is full the newest is dropped, which is
///          counted in `querytap.dropped`.
class report_hub final : public recorder_part {
 public:
  explicit report_hub(recorder& of);
  ~report_hub();

  /// The one of a recorder.
  [[nodiscard]] static std::shared_ptr<report_hub> of(recorder& of);

  struct reported_call {
    const querytap::statement& statement;
    const call_data& call;
    const outcome* failure;  // of the statement
    const call_extras& extras;
  };
  void report(const reported_call& one) noexcept;

  /// Whether a request that is over is worth keeping.
  [[nodiscard]] bool wants(const ledger& of) const noexcept;
  /// Takes the ledger over. False if there is no room: it is not.
  bool report(ledger& of) noexcept;

  // The rest is not for recording threads.

  /// Makes values of what was handed over.
  void drain();
  /// Tells of calls that have been running for longer than they may, each once. From one thread.
  void report_running();
  void report(call_report one);
  void report(request_report one);
  void report(finding one);
  /// Changes what is remembered of a slow query: its plan has become known, say. Forgotten ones are let
  /// be.
  void amend(std::uint64_t number, const std::function<void(call_report&)>& change);

  /// From now on news are kept for whoever asks take(); past `most` of a kind the newest are
  /// dropped, which is counted.
  [[nodiscard]] std::shared_ptr<report_feed> subscribe();
  [[nodiscard]] report_feed take(report_feed& of);

  void know(const std::shared_ptr<backend_state>& backend);

  void release_idle(const series_usage& now) override;
  void add_to(snapshot& now) override;
  void start_from_zero() noexcept override;

 private:
  struct rings;
  struct known_running_call {
    const in_flight_slot* slot;
    std::uint64_t begin;
    bool is_hung;
  };

  template <class Value>
  void publish(std::vector<Value> report_feed::*list, Value one);
  [[nodiscard]] std::optional<call_report> as_running(const call_in_flight& call,
                                                      std::chrono::nanoseconds age);
  void add_dropped(snapshot& now);

  recorder& recorder_;
  std::unique_ptr<rings> rings_;
  // ORDER relaxed: numbers for a self-metric; nothing is published with them.
  std::atomic<std::uint64_t> dropped_calls_{0};
  std::atomic<std::uint64_t> dropped_requests_{0};
  std::atomic<std::uint64_t> dropped_news_{0};
  std::vector<known_running_call> running_;  // that have been told of; of report_running() alone

  // Under an owners_lock:
  std::unique_ptr<report_store> memory_;
  std::vector<std::weak_ptr<backend_state>> backends_;
  std::vector<std::weak_ptr<report_feed>> subscribers_;
};

}  // namespace detail
}  // namespace querytap
