#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/gauge.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder_options.hpp>
#include <querytap/snapshot/instrument.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <memory>
#include <string_view>
#include <typeindex>
#include <vector>

namespace querytap {

namespace detail {
class parts_lock;
class recorder_part;
struct slow_call_in_flight;
}  // namespace detail

/// What everything else records into, and what every way out collects from. There are no globals:
/// several recorders may live in one process.
///
///     recorder recorder{{.service_name = "chatbot"}};
///     const histogram latency = recorder.bind_histogram(catalog::operation_duration, where);
///     latency.record(2'000'000);
///     const snapshot now = recorder.collect();
///
/// Threads  any number may bind, record and collect at once. Recording takes no lock; binding takes
///          a short one, and collecting takes none that a warm recording thread would need.
/// Cost     binding interns the attributes: once per series, not per call. collect() merges the
///          cells that changed since the last one; bench/recording/collect_bench.cpp.
/// Errors   configuration_error at construction for options and environment values that cannot be
///          used. Binding an instrument as another kind than its own is std::invalid_argument.
/// Lifetime outlives everything that refers to it; threads that recorded may outlive it.
class recorder {
 public:
  explicit recorder(const recorder_options& options = {});
  ~recorder();
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  /// The series of these attributes; the same one each time. Past the series limit, the overflow
  /// series of the instrument. With a `statement`, one series for each statement, which are
  /// exported as one.
  [[nodiscard]] histogram bind_histogram(
      const instrument& what, const attributes& where,
      const std::shared_ptr<const statement_identity>& statement = nullptr);
  [[nodiscard]] counter bind_counter(const instrument& what, const attributes& where);
  [[nodiscard]] up_down_counter bind_up_down_counter(const instrument& what,
                                                     const attributes& where);
  [[nodiscard]] gauge bind_gauge(const instrument& what, const attributes& where);

  [[nodiscard]] snapshot collect();
  /// The calls that have not ended and already took longer than they may; cheaper than a snapshot.
  [[nodiscard]] std::vector<detail::slow_call_in_flight> slow_calls_in_flight();

  /// Takes back one binding: the series may be retired once nothing else holds it. Nobody may
  /// record into it through this handle any more.
  void release(const histogram& bound) noexcept;
  void release(const counter& bound) noexcept;

  /// False if it was switched off by option or environment: its handles record nowhere.
  [[nodiscard]] bool enabled() const noexcept;
  [[nodiscard]] const clock& time() const noexcept;
  [[nodiscard]] const recorder_options& options() const noexcept;
  /// No other recorder of this process has, had or will have the same.
  [[nodiscard]] std::uint64_t id() const noexcept;

  /// The one detail::recorder_part of type T with this key, for what several clients of a recorder
  /// share: made on first use as `T{recorder, arguments...}`, destroyed with the recorder.
  template <class T, class... Arguments>
  [[nodiscard]] T& part(std::string_view key = {}, const Arguments&... arguments) {
    detail::recorder_part* known = find_part(typeid(T), key);
    if (known == nullptr) {
      known = &add_part(typeid(T), key, std::make_unique<T>(*this, arguments...));
    }
    return static_cast<T&>(*known);
  }

 private:
  friend class detail::parts_lock;

  /// Null if there is none yet.
  [[nodiscard]] detail::recorder_part* find_part(std::type_index type, std::string_view key) const;
  /// Of several threads that make the same part at once, the first adds its own, which all get.
  [[nodiscard]] detail::recorder_part& add_part(std::type_index type, std::string_view key,
                                                std::unique_ptr<detail::recorder_part> part);

  // Shared with the threads that hold a lane: whichever ends last frees the lanes.
  std::shared_ptr<detail::registry> registry_;
};

}  // namespace querytap
