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
class owners_lock;
class recorder_part;
struct call_in_flight;
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
  [[nodiscard]] counter bind_counter(const instrument& instrument, const attributes& labels);
  [[nodiscard]] up_down_counter bind_up_down_counter(const instrument& instrument,
                                                     const attributes& labels);
  [[nodiscard]] gauge bind_gauge(const instrument& instrument, const attributes& labels);

  [[nodiscard]] snapshot collect();
  /// The calls that have begun and not ended; cheaper than a snapshot.
  [[nodiscard]] std::vector<detail::call_in_flight> calls_in_flight();

  /// Ends one binding: the series may be retired once it has no other. The caller must not record
  /// through this handle afterwards.
  void release(const histogram& bound) noexcept;
  void release(const counter& bound) noexcept;
  /// An owner is asked at collections to release what is idle, as long as it lives.
  void add_part(std::weak_ptr<detail::recorder_part> owner);

  /// False if the recorder was disabled by option or environment: its handles then record nothing.
  [[nodiscard]] bool enabled() const noexcept;
  [[nodiscard]] const clock& time() const noexcept;
  [[nodiscard]] const recorder_options& options() const noexcept;
  /// Unique among all recorders that this process ever makes.
  [[nodiscard]] std::uint64_t id() const noexcept;

  /// The one part of type T with this key, made on first use and kept as long as the recorder: for
  /// what several clients of a recorder share.
  template <class T, class Make>
  [[nodiscard]] std::shared_ptr<T> shared_part(std::string_view key, Make make) {
    const std::shared_ptr<void> part = find_part(typeid(T), key);
    return std::static_pointer_cast<T>(part != nullptr ? part : keep_part(typeid(T), key, make()));
  }

 private:
  friend class detail::owners_lock;

  [[nodiscard]] std::shared_ptr<void> find_part(std::type_index type, std::string_view key) const;
  /// Keeps the first part given for a key, and returns the one that it keeps.
  [[nodiscard]] std::shared_ptr<void> keep_part(std::type_index type, std::string_view key,
                                                std::shared_ptr<void> part);

  // Shared with the threads that lease a lane: the last of these owners to end frees the lanes.
  std::shared_ptr<detail::registry> registry_;
};

}  // namespace querytap
