#pragma once

#include "../../recording/hand_over_ring.hpp"

#include <querytap/base/outcome.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/recording/detail/series_owner.hpp>
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
class call_memory;
class ledger;
class request_series;

/// What has become known since the last look, each thing once.
struct call_news {
  std::vector<std::shared_ptr<const slow_query>> slow_queries;
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
class call_log final : public series_owner {
 public:
  explicit call_log(recorder& of);
  ~call_log();

  /// The one of a recorder.
  [[nodiscard]] static std::shared_ptr<call_log> of(recorder& of);

  struct told_call {
    const statement& of;
    const call_data& call;
    const outcome* failure;  // of the statement
    const call_extras& extras;
  };
  void tell(const told_call& one) noexcept;

  /// Whether a request that is over is worth keeping.
  [[nodiscard]] bool wants(const ledger& of) const noexcept;
  /// Takes the ledger over. False if there is no room: it is not.
  bool tell(ledger& of) noexcept;

  // The rest is not for recording threads.

  /// Makes values of what was handed over.
  void drain();
  /// Tells of calls that have been running for longer than they may, each once. From one thread.
  void tell_running();
  void tell(slow_query one);
  void tell(request_report one);
  void tell(finding one);
  /// Changes what is remembered of a slow query: its plan has become known, say. Forgotten ones are let
  /// be.
  void amend(std::uint64_t number, const std::function<void(slow_query&)>& change);

  /// From now on news are kept for whoever asks take_news(); past `most` of a kind the newest are
  /// dropped, which is counted.
  [[nodiscard]] std::shared_ptr<call_news> subscribe();
  [[nodiscard]] call_news take_news(call_news& of);

  void know(const std::shared_ptr<backend_state>& backend);

  void release_idle(const series_usage& now) override;
  void add_to(snapshot& now) override;
  void start_from_zero() noexcept override;

 private:
  struct rings;
  struct running_call {
    const in_flight_slot* slot;
    std::uint64_t begin;
    bool is_hung;
  };

  template <class Value>
  void publish(std::vector<Value> call_news::*list, Value one);
  [[nodiscard]] std::optional<slow_query> as_running(const call_in_flight& call,
                                                     std::chrono::nanoseconds age);
  void add_dropped(snapshot& now);

  recorder& recorder_;
  std::unique_ptr<rings> rings_;
  // ORDER relaxed: numbers for a self-metric; nothing is published with them.
  std::atomic<std::uint64_t> dropped_calls_{0};
  std::atomic<std::uint64_t> dropped_requests_{0};
  std::atomic<std::uint64_t> dropped_news_{0};
  std::vector<running_call> running_;  // that have been told of; of tell_running() alone

  // Under an owners_lock:
  std::unique_ptr<call_memory> memory_;
  std::vector<std::weak_ptr<backend_state>> backends_;
  std::vector<std::weak_ptr<call_news>> subscribers_;
};

}  // namespace detail
}  // namespace querytap
