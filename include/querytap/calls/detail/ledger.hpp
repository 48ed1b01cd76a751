#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/retrieval/rag_stage.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

class clock;
class statement;

namespace detail {

class request_series;

/// Where the time of one request goes, while it goes there: by backend, by statement and line, and
/// call by call. Fixed memory, no matter how many calls the request makes.
///
/// Time is counted once: the time of a call that is made while another is open is taken off the
/// other's. Calls of another recorder are not counted: nothing keeps their statements alive here.
///
/// Threads  one at a time.
/// Cost     add(): some 25 ns; bench/calls/operation_bench.cpp. No lock, no allocation.
class ledger {
 public:
  static constexpr std::size_t most_backends = 8;
  static constexpr std::size_t most_shares = 64;
  static constexpr std::size_t most_calls = 64;
  static constexpr std::size_t most_waits = 8;
  static constexpr std::size_t most_stages = 16;

  static constexpr std::uint64_t no_rows = UINT64_MAX;  // not known how many

  struct backend_entry {
    std::string_view system;  // alive as long as the recorder
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    std::uint64_t rows = 0;
    std::uint64_t retries = 0;
    std::array<std::uint64_t, phases> nanoseconds{};

    [[nodiscard]] std::uint64_t total() const noexcept;
  };
  // Of one statement, called from one line.
  struct share_entry {
    const querytap::statement* statement = nullptr;
    code_location site;
    bool is_retained = false;  // the statement, by a reference of this entry
    backend_entry* backend = nullptr;
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    std::uint64_t rows = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t nanoseconds = 0;
    std::uint64_t slowest = 0;
  };
  struct call_entry {
    const querytap::statement* statement = nullptr;
    code_location site;
    bool is_retained = false;
    bool failed = false;
    std::uint64_t begin = 0;  // ticks
    std::uint64_t nanoseconds = 0;
    std::uint64_t rows = no_rows;
    const querytap::outcome* failure = nullptr;  // of the statement; null without memory, too
  };

  struct wait_entry {
    std::string_view pool;    // "pool " and its name; alive as long as the recorder
    std::uint64_t begin = 0;  // ticks
    std::uint64_t nanoseconds = 0;
    bool failed = false;
  };

  struct stage_entry {
    rag_stage stage = rag_stage::embed;
    bool failed = false;
    std::uint8_t strategy_size = 0;
    std::array<char, 31> strategy{};
    std::uint64_t begin = 0;  // ticks
    std::uint64_t nanoseconds = 0;
    std::uint64_t results = no_rows;
  };

  ledger() noexcept = default;
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;
  ~ledger() { clear(); }

  /// Starts anew. Statements need no reference while the request is shown as in flight.
  void begin(const request_series& series, std::uint64_t ticks, const trace_context* caller,
             bool retains_statements) noexcept;
  /// Releases all references.
  void clear() noexcept;

  /// Of the recorder of its request.
  [[nodiscard]] std::uint64_t recorder_id() const noexcept { return recorder_id_; }
  /// The next ledger further out, of any recorder.
  [[nodiscard]] ledger* outer() const noexcept { return outer_; }

  /// Goes on top of the thread's current ledger, and is the current ledger from then on.
  void push_onto(ledger*& current) noexcept;
  /// Is removed from the thread's ledgers, whether it is on top or not. Returns the ledger
  /// below; null if there is no ledger below, or if this one was not among the thread's ledgers.
  ledger* remove_from(ledger*& current) noexcept;

  /// `failure` says how the call failed, if it did and that is known.
  void add(const statement& statement, const call_data& call,
           const querytap::outcome* failure) noexcept;
  /// Time before a call, and for its backend: making a connection, and validating one. Where no call
  /// follows, the time is that of `fallback`, unless it is empty.
  void add(phase phase, std::uint64_t nanoseconds, std::string_view fallback = {}) noexcept;
  /// The same where the backend is known.
  void add(std::string_view system, phase phase, std::uint64_t nanoseconds) noexcept;
  /// A wait for a slot of the pool of the recorder that is shown as `pool`.
  void add_wait(const wait_entry& wait) noexcept;
  /// A stage of the request has ended.
  void add(const stage_entry& stage) noexcept;
  /// What an inner request did counts for the outer one too.
  void add(const ledger& inner) noexcept;
  /// A call failed, or something that is no call: waiting for a connection, or making one.
  void failed_with(const querytap::outcome& failure) noexcept { last_failure_ = failure; }
  /// How the last call failed, unless the request went on with other calls since: what made the
  /// request fail, if it fails now. Not failed: nothing did.
  [[nodiscard]] const querytap::outcome& last_failure() const noexcept { return last_failure_; }

  /// The request is over.
  void end(std::uint64_t ticks, std::uint64_t nanoseconds,
           const querytap::outcome& outcome) noexcept;
  /// Takes references to all statements, so that the ledger may be read when the request is no
  /// longer in flight.
  void retain_statements() noexcept;

  /// Nanoseconds that have been accounted for so far: they grow only.
  [[nodiscard]] std::uint64_t covered() const noexcept { return covered_; }
  /// The most calls of one statement from one line, and whether parameters came again.
  [[nodiscard]] std::uint64_t most_repeated() const noexcept { return most_repeated_; }
  [[nodiscard]] bool has_duplicates() const noexcept { return has_duplicates_; }

  [[nodiscard]] const request_series* series() const noexcept { return series_; }
  /// The span of the request; made up on first use.
  [[nodiscard]] const trace_context& self() noexcept;
  [[nodiscard]] const trace_context* caller() const noexcept {
    return has_caller_ ? &caller_ : nullptr;
  }
  [[nodiscard]] const querytap::outcome& outcome() const noexcept { return outcome_; }
  [[nodiscard]] std::uint64_t began() const noexcept { return begin_; }
  [[nodiscard]] std::uint64_t ended() const noexcept { return end_; }
  [[nodiscard]] std::uint64_t nanoseconds() const noexcept { return nanoseconds_; }
  [[nodiscard]] std::uint64_t other_statements() const noexcept { return other_statements_; }
  [[nodiscard]] std::uint64_t calls_left_out() const noexcept { return calls_left_out_; }
  [[nodiscard]] std::uint64_t waits_left_out() const noexcept { return waits_left_out_; }
  [[nodiscard]] std::uint64_t stages_left_out() const noexcept { return stages_left_out_; }

  template <class Visit>
  void for_each_backend(Visit visit) const {
    for (std::size_t i = 0; i < backends_used_; ++i) visit(backends_[i]);
  }
  template <class Visit>
  void for_each_share(Visit visit) const {
    for (std::size_t i = 0; i < shares_used_; ++i) visit(shares_[i]);
  }
  template <class Visit>
  void for_each_call(Visit visit) const {
    for (std::size_t i = 0; i < calls_used_; ++i) visit(calls_[i]);
  }
  template <class Visit>
  void for_each_wait(Visit visit) const {
    for (std::size_t i = 0; i < waits_used_; ++i) visit(waits_[i]);
  }
  template <class Visit>
  void for_each_stage(Visit visit) const {
    for (std::size_t i = 0; i < stages_used_; ++i) visit(stages_[i]);
  }

 private:
  [[nodiscard]] backend_entry& backend_of(std::string_view system) noexcept;
  [[nodiscard]] share_entry& share_of(const statement& statement, code_location site) noexcept;
  [[nodiscard]] share_entry& find_or_make_share(const statement& statement,
                                                code_location site) noexcept;
  [[nodiscard]] std::size_t lightest_share() const noexcept;
  [[nodiscard]] bool must_retain(const statement& statement) const noexcept;
  void add_pending(backend_entry& backend) noexcept;
  void add_phases(backend_entry& backend, const call_data& call, std::uint64_t own) noexcept;
  void count_duplicate(share_entry& share, const call_data& call) noexcept;
  void add_call(const statement& statement, const call_data& call,
                const querytap::outcome* failure) noexcept;
  void note_ending(const call_data& call, const querytap::outcome* failure) noexcept;
  void list(const wait_entry& wait) noexcept;
  [[nodiscard]] std::uint64_t own_time(const call_data& call) const noexcept;

  const request_series* series_ = nullptr;
  ledger* outer_ = nullptr;
  std::uint64_t recorder_id_ = 0;
  bool retains_statements_ = false;
  bool has_caller_ = false;
  bool has_self_ = false;
  bool has_duplicates_ = false;
  std::uint64_t begin_ = 0;  // ticks
  std::uint64_t end_ = 0;    // ticks
  std::uint64_t nanoseconds_ = 0;
  std::uint64_t covered_ = 0;
  std::uint64_t most_repeated_ = 0;
  std::uint64_t other_statements_ = 0;
  std::uint64_t calls_left_out_ = 0;
  std::uint64_t waits_left_out_ = 0;
  std::uint64_t stages_left_out_ = 0;
  // Counts this ledger's requests. It is in each hash of seen_, which so belongs to one request.
  std::uint64_t turn_ = 0;
  querytap::outcome outcome_;
  querytap::outcome last_failure_;
  trace_context caller_;
  trace_context self_;

  std::array<std::uint64_t, phases> pending_{};  // for the backend of the next call
  bool has_pending_ = false;
  std::string_view pending_fallback_;  // where no call follows

  std::size_t backends_used_ = 0;
  std::size_t shares_used_ = 0;
  std::size_t last_share_ = 0;
  std::size_t calls_used_ = 0;
  std::size_t waits_used_ = 0;
  std::size_t stages_used_ = 0;
  std::array<backend_entry, most_backends> backends_;
  std::array<std::uint32_t, most_shares> share_keys_{};  // compared before the shares themselves
  std::array<share_entry, most_shares> shares_;
  std::array<call_entry, most_calls> calls_;
  std::array<wait_entry, most_waits> waits_;
  std::array<stage_entry, most_stages> stages_;
  // Statements with their parameters that have been seen, as hashes. Those of one set evict each
  // other, so that a request of any length remembers the most recent ones.
  static constexpr std::size_t sets = 32;
  static constexpr std::size_t ways = 4;
  std::array<std::uint64_t, sets * ways> seen_{};
  std::size_t next_way_ = 0;
};

/// The ledger of the request that this thread works for; null without one.
extern thread_local constinit ledger* current_ledger QUERYTAP_INITIAL_EXEC;
/// The innermost request of this recorder that this thread works for; null without one.
[[nodiscard]] inline ledger* innermost_of(std::uint64_t recorder_id, ledger* innermost) noexcept {
  while (innermost != nullptr && innermost->recorder_id() != recorder_id) {
    innermost = innermost->outer();
  }
  return innermost;
}
/// How long this thread waited when it last borrowed from a pool; 0 once it has given back.
extern thread_local constinit std::uint64_t last_pool_wait QUERYTAP_INITIAL_EXEC;

/// What is no call failed, and with it maybe the request that this thread works for.
void current_request_failed(const outcome& failure) noexcept;

}  // namespace detail
}  // namespace querytap
