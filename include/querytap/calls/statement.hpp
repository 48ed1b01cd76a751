#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace querytap {

namespace detail {
class backend_state;
struct sketched_cost;

/// How calls of a statement ended that failed, and where their durations go.
struct failed_calls {
  outcome how;
  histogram duration;
};
}  // namespace detail

/// A statement of a backend with its series bound: what an operation records into.
///
///     operation call{backend.statement_for("select body from documents where id = ?")};
///     statement_handle search{backend.statement_for("select …")};     // to keep
///
/// Threads  any number at once.
/// Lifetime found by a backend, and good until the thread asks it for another one, or as long as an
///          operation on it or a statement_handle lasts. One that nobody uses is retired after a
///          while.
class statement final : public detail::ref_counted {
 public:
  statement(detail::backend_state& of, std::shared_ptr<const statement_identity> identity,
            const attributes& where);
  ~statement() override;

  [[nodiscard]] const statement_identity& identity() const noexcept { return *identity_; }
  [[nodiscard]] const std::shared_ptr<const statement_identity>& shared_identity() const noexcept {
    return identity_;
  }
  [[nodiscard]] const clock& time() const noexcept { return *time_; }
  /// False where the recorder was switched off.
  [[nodiscard]] bool enabled() const noexcept { return kind_ != kind::disabled; }
  /// `db.system.name` of the backend.
  [[nodiscard]] std::string_view system() const noexcept { return system_; }
  /// True past the series limit: what it costs is counted in the overflow series.
  [[nodiscard]] bool is_overflow() const noexcept { return kind_ == kind::overflow; }
  /// What an overflowing statement has cost by itself; null for one with series of its own.
  [[nodiscard]] detail::sketched_cost* weight() const noexcept { return weight_.get(); }

  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(duration_);
    visit(rows_);
    failures_.for_each([&](const detail::failed_calls& of) { visit(of.duration); });
  }
  [[nodiscard]] detail::backend_state& backend() const noexcept { return *backend_; }
  /// What makes a call slow: nanoseconds that it may take.
  [[nodiscard]] std::uint64_t slow_threshold() const noexcept {
    return slow_threshold_.load(std::memory_order_relaxed);
  }
  void set_slow_threshold(std::uint64_t nanoseconds) const noexcept;

  /// The series under which its calls are in flight.
  [[nodiscard]] const detail::series& shown_as() const noexcept { return duration_.target(); }
  /// Gives the series back to the recorder: nothing is recorded into them any more.
  void release_series() const;

 private:
  friend class operation;

  enum class kind : std::uint8_t { named, overflow, disabled };

  /// The calls that end like this; made on first sight. Null without memory.
  [[nodiscard]] const detail::failed_calls* failed_like(const outcome& failure) const noexcept;
  [[nodiscard]] bool is_worth_a_look(const detail::call_data& one) const noexcept {
    return one.failed || one.nanoseconds >= look_closer_from_.load(std::memory_order_relaxed);
  }
  void look_closer(const detail::call_data& one, const outcome* failure,
                   const detail::call_extras& extras) const noexcept;

  kind kind_ = kind::named;
  histogram duration_;
  histogram rows_;
  const clock* time_;
  // ORDER relaxed: the collector may move them at any time; a late look at them does no harm.
  mutable std::atomic<std::uint64_t> slow_threshold_;    // nanoseconds
  mutable std::atomic<std::uint64_t> look_closer_from_;  // the same, or 0 past the series limit
  counter slow_;
  std::string_view system_;
  detail::backend_state* backend_;
  std::shared_ptr<const statement_identity> identity_;
  std::unique_ptr<detail::sketched_cost> weight_;
  mutable detail::append_list<outcome, detail::failed_calls> failures_;
};

/// Keeps a statement.
using statement_handle = detail::ref<const statement>;

}  // namespace querytap
