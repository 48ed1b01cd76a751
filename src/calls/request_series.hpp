#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/recorder.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

class report_hub;

/// The series of the requests of one name.
///
/// Threads  any number at once.
class request_series final : public ref_counted {
 public:
  struct backend_series {
    histogram operations;
    histogram duration;
  };

  request_series(recorder& recorder, report_hub& hub, std::string_view name);

  [[nodiscard]] report_hub& hub() const noexcept { return hub_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const clock& time() const noexcept { return recorder_.time(); }
  [[nodiscard]] bool is_overflow() const noexcept { return success_.is_overflow(); }
  [[nodiscard]] const series& shown_as() const noexcept { return success_.target(); }
  /// The threshold of this name; `no_threshold` if it has none of its own.
  [[nodiscard]] std::uint64_t slow_after() const noexcept {
    return slow_after_.load(std::memory_order_relaxed);
  }
  static constexpr std::uint64_t no_threshold = UINT64_MAX;
  void set_slow_after(std::optional<std::uint64_t> nanoseconds) const noexcept {
    slow_after_.store(nanoseconds.value_or(no_threshold), std::memory_order_relaxed);
  }
  void release_series() const;
  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(success_);
    failures_.for_each(visit);
    backends_.for_each([&](const backend_series& backend) {
      visit(backend.operations);
      visit(backend.duration);
    });
  }

  /// Made on first sight, like those of a backend: throws without memory.
  [[nodiscard]] const histogram& duration_of(const outcome& outcome) const;
  [[nodiscard]] const backend_series& series_of_backend(std::string_view system) const;

 private:
  [[nodiscard]] attributes labels_with(std::string_view key, std::string_view value) const;

  recorder& recorder_;
  report_hub& hub_;  // lives as long as the recorder
  const std::string name_;
  // ORDER relaxed: one number; a request that ends meanwhile is judged by the old one or the new one.
  mutable std::atomic<std::uint64_t> slow_after_{no_threshold};  // nanoseconds
  const histogram success_;
  mutable append_list<outcome, histogram> failures_;
  mutable append_list<std::string_view, backend_series> backends_;  // keys live with the recorder
};

}  // namespace querytap::detail
