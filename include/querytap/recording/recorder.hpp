#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/base/detail/type_name.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/gauge.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder_options.hpp>
#include <querytap/snapshot/instrument.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <string_view>
#include <vector>

namespace querytap {

namespace detail {
class parts_lock;
class recorder_part;
struct slow_call_in_flight;
}  // namespace detail

/// The object that instrumented code records into and that exporters collect from. There are no
/// globals: several recorders may live in one process.
///
///     recorder recorder{{.service_name = "chatbot"}};
///     const histogram latency = recorder.bind_histogram(catalog::operation_duration, labels);
///     latency.record(2'000'000);
///     const snapshot snapshot = recorder.collect();
///
/// Threads  any number may bind, record and collect at once. Recording takes no lock; binding takes
///          a short one, and collecting takes none that a warm recording thread would need.
/// Cost     binding interns the attributes: once per series, not per call. collect() merges the
///          cells that changed since the last one; bench/recording/collect_bench.cpp.
/// Errors   configuration_error at construction for options and environment values that cannot be
///          used. Binding an instrument as another kind than its own is std::invalid_argument.
/// Lifetime must outlive everything that refers to it, except the threads that recorded into it.
class recorder {
 public:
  explicit recorder(const recorder_options& options = {});
  ~recorder();
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  /// The series of these labels; the same labels bind the same series. Past the series limit, the
  /// overflow series of the instrument. With a `statement`, each statement has a series of its own,
  /// and all of them are exported as one.
  [[nodiscard]] histogram bind_histogram(
      const instrument& instrument, const attributes& labels,
      const std::shared_ptr<const statement_identity>& statement = nullptr);
  /// The same for a part of a total: what is recorded here is counted in `total` as well, by the
  /// collector, at no cost to the record. Both count in one unit, else std::invalid_argument; where
  /// their bounds differ, a value counts in the total's bucket of its own bucket's upper edge. The
  /// total must not be released. The overflow series is a part of nothing.
  [[nodiscard]] histogram bind_histogram(const instrument& instrument, const attributes& labels,
                                         const std::shared_ptr<const statement_identity>& statement,
                                         const histogram& total);
  [[nodiscard]] counter bind_counter(const instrument& instrument, const attributes& labels);
  [[nodiscard]] up_down_counter bind_up_down_counter(const instrument& instrument,
                                                     const attributes& labels);
  [[nodiscard]] gauge bind_gauge(const instrument& instrument, const attributes& labels);

  [[nodiscard]] snapshot collect();
  /// Collects if nobody has for half a minute, so that the windows of recent() have no gaps: for a
  /// thread that has nothing better to do. The endpoint and the watch do it.
  void keep_history();
  /// The calls that have not ended and already took longer than they may, or than `unlimited_after` if
  /// nothing is known of what they may take; cheaper than a snapshot.
  [[nodiscard]] std::vector<detail::slow_call_in_flight> slow_calls_in_flight(
      std::chrono::nanoseconds unlimited_after);

  /// Ends one binding: the series may be retired once it has no other. The caller must not record
  /// through this handle afterwards.
  void release(const histogram& bound) noexcept;
  void release(const counter& bound) noexcept;

  /// False if the recorder was disabled by option or environment: its handles then record nothing.
  [[nodiscard]] bool enabled() const noexcept;
  [[nodiscard]] const clock& time() const noexcept;
  [[nodiscard]] const recorder_options& options() const noexcept;
  /// Unique among all recorders that this process ever makes.
  [[nodiscard]] std::uint64_t id() const noexcept;

  /// The one detail::recorder_part of type T with this key, for what several clients of a recorder
  /// share: made on first use as `T{recorder, arguments...}`, destroyed with the recorder.
  template <class T, class... Arguments>
  [[nodiscard]] T& part(std::string_view key = {}, const Arguments&... arguments) {
    constexpr std::string_view type = detail::type_name<T>();
    detail::recorder_part* known = find_part(type, key);
    if (known == nullptr) {
      known = &add_part(type, key, std::make_unique<T>(*this, arguments...));
    }
    return static_cast<T&>(*known);
  }

 private:
  friend class detail::parts_lock;

  /// Null if there is none yet.
  [[nodiscard]] detail::recorder_part* find_part(std::string_view type, std::string_view key) const;
  /// Of several threads that make the same part at once, the first adds its own, which all get.
  [[nodiscard]] detail::recorder_part& add_part(std::string_view type, std::string_view key,
                                                std::unique_ptr<detail::recorder_part> part);

  // Shared with the threads that lease a lane: the last of these owners to end frees the lanes.
  std::shared_ptr<detail::registry> registry_;
};

}  // namespace querytap
