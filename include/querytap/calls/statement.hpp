#pragma once

#include <querytap/base/clock.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

class attributes;

namespace detail {
class backend_state;
struct search_series;
struct sketched_cost;

/// What calls have in common that ended alike.
struct call_ending {
  querytap::outcome outcome;
  const std::string* model = nullptr;  // that answered, among the statement's; null: not known

  friend bool operator==(const call_ending&, const call_ending&) = default;
};

/// The calls of a statement that ended alike, by a failure, with a code of the server's or by the same model, if
/// all their time was of `execute`.
struct ending_series {
  call_ending ending;
  histogram duration;
};

/// Calls that ended alike, and were of other phases than `execute` alone: of one, or of several.
struct phased_calls {
  static constexpr std::size_t several = phases;

  call_ending ending;
  std::size_t spent_in;  // a phase, or `several`

  friend bool operator==(const phased_calls&, const phased_calls&) = default;
};
}  // namespace detail

/// A statement of a backend with its series bound: what an operation records into.
///
///     operation call{backend.statement_for("select body from documents where id = ?")};
///     statement_handle search{backend.statement_for("select …")};     // for longer
///
/// Threads  any number at once.
/// Lifetime found by a backend, and good until the thread asks the backend for another one, or as
///          long as an operation on it or a statement_handle lasts. An idle statement is retired.
class statement final : public detail::ref_counted {
 public:
  statement(detail::backend_state& backend, std::shared_ptr<const statement_identity> identity,
            const attributes& labels);
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
  /// Whether it looks for nearest neighbours: `querytap.retrieval.returned` counts its rows then.
  [[nodiscard]] bool is_search() const noexcept { return search_ != nullptr; }
  /// A search that asked for so many neighbours returned so many: for who knows the former.
  void searched(std::uint64_t asked, std::uint64_t returned) const noexcept;
  /// True past the series limit: what the statement costs is counted in the overflow series.
  [[nodiscard]] bool is_overflow() const noexcept { return kind_ == kind::overflow; }
  /// What an overflowing statement has cost by itself; null for a statement with its own series.
  [[nodiscard]] detail::sketched_cost* weight() const noexcept { return weight_.get(); }

  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(duration_);
    if (expects_rows_) visit(rows_);
    late_rows_.for_each(visit);
    endings_.for_each([&](const detail::ending_series& known) { visit(known.duration); });
    phased_.for_each(visit);
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
  [[nodiscard]] const detail::ending_series* find_or_make_ending(
      const detail::call_ending& ending) const noexcept;
  /// The name of a model that answers; null for none, past the most that a statement names, and without memory.
  [[nodiscard]] const std::string* find_or_make_model(std::string_view name) const noexcept;
  /// The histogram of returned rows, made on first sight for a statement of which none were expected.
  [[nodiscard]] const histogram& find_or_make_rows() const noexcept;
  void record_rows(std::uint64_t count) const noexcept {
    if (search_ != nullptr) [[unlikely]]
      return record_rows_of_search(count);
    (expects_rows_ ? rows_ : find_or_make_rows()).record(count);
  }
  void record_rows_of_search(std::uint64_t count) const noexcept;
  /// Records the duration of a call that was of other phases than `execute` alone.
  void record_in_phases(const detail::call_data& call,
                        const detail::ending_series* ending) const noexcept;
  /// Null without memory, and for more kinds of calls than a statement distinguishes.
  [[nodiscard]] const histogram* find_or_make_phased(
      const detail::phased_calls& key) const noexcept;
  [[nodiscard]] bool must_examine(bool failed, std::uint64_t nanoseconds) const noexcept {
    return failed || nanoseconds >= examined_from_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] histogram bind_duration(const detail::call_ending& ending,
                                        const histogram* total) const;
  /// Counts and reports the call, if it was slow or failed.
  void examine(const detail::call_data& call, const outcome* failure,
               const detail::call_extras& extras) const noexcept;

  kind kind_ = kind::named;
  bool expects_rows_ = true;  // else `rows_` is not bound, or of a search
  histogram duration_;
  histogram rows_;
  const clock* time_;
  // ORDER relaxed: the collector may change them at any time; a call may still use the old ones.
  mutable std::atomic<std::uint64_t> slow_threshold_;  // nanoseconds
  mutable std::atomic<std::uint64_t> examined_from_;   // nanoseconds; 0 past the series limit
  counter slow_;
  std::string_view system_;
  detail::backend_state* backend_;
  std::shared_ptr<const statement_identity> identity_;
  std::unique_ptr<detail::sketched_cost> weight_;
  std::unique_ptr<detail::search_series> search_;  // null for a statement that is no search
  mutable detail::append_list<detail::call_ending, detail::ending_series> endings_;
  mutable detail::append_list<std::string_view, std::unique_ptr<const std::string>> models_;
  mutable detail::append_list<bool, histogram> late_rows_;  // one at most, by `true`
  mutable detail::append_list<detail::phased_calls, histogram> phased_;
};

/// Keeps a statement from being retired.
using statement_handle = detail::ref<const statement>;

}  // namespace querytap
