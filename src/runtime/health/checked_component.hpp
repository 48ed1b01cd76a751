#pragma once

#include "../../analysis/health/component_health.hpp"
#include "../../analysis/health/traffic_health.hpp"
#include "../common/call_scheduler.hpp"
#include "../common/occupancy.hpp"

#include <querytap/recording/gauge.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace querytap::detail {

/// One check of a health object: when it is looked at what, and what was found.
///
/// Threads  the scheduler's, except for the probe.
class checked_component final : public scheduled_call {
 public:
  /// Snapshots are taken by the function, so that the checks of one step can share one.
  using snapshots = std::function<const snapshot&()>;
  using found = std::function<void(finding, const health_report&)>;

  /// `probe_use`: who is inside the probe.
  checked_component(const health_check& check, std::shared_ptr<occupancy> probe_use,
                    recorder& telemetry, snapshots collect, found report, time_point first_due);
  /// Nothing is known of the component any more.
  ~checked_component() override;
  checked_component(const checked_component&) = delete;
  checked_component& operator=(const checked_component&) = delete;

  [[nodiscard]] time_point due() const override { return due_; }
  [[nodiscard]] std::chrono::nanoseconds limit() const override;
  [[nodiscard]] std::function<void()> begin(time_point begun) override;
  void not_begun(time_point tried, const std::string& reason) override;
  void overdue(time_point begun, time_point seen) override;
  void ended(time_point begun, time_point ended) override;

  [[nodiscard]] health_report report() const;
  void show_status() const;
  /// Within which it is looked at once more, if all is well with the thread that does.
  [[nodiscard]] std::chrono::nanoseconds longest_silence() const;

 private:
  /// Why a component is not well, and what to do.
  struct explanation {
    std::string reason = {};
    std::string advice = {};
  };
  /// What a probe found, or why it found nothing.
  struct probe_run {
    std::optional<health_answer> answer = {};
    std::optional<std::string> error = {};
    std::chrono::nanoseconds took{};
  };

  [[nodiscard]] bool is_well_by_traffic();
  void look_at_calls_alone();
  void take(health_answer answer);
  void report_change(const health_change& change);
  [[nodiscard]] std::string sentence_of(const health_change& change) const;
  [[nodiscard]] const explanation& explained() const noexcept;
  void show_status(health_status shown) const;
  [[nodiscard]] std::chrono::nanoseconds gap();

  const health_check& check_;
  const std::shared_ptr<occupancy> probe_use_;
  recorder& recorder_;
  const snapshots collect_;
  const found report_;
  const histogram duration_;
  std::array<gauge, 4> status_;  // by health_status
  component_health health_;
  time_point due_;
  std::uint32_t random_;  // for the jitter alone
  traffic at_last_look_ = {};
  std::optional<health_measurement> traffic_ = {};  // what calls show, where they do not suffice
  std::shared_ptr<probe_run> run_ = nullptr;        // of the last probe
  health_answer answer_ = {};
  std::array<explanation, 4> explanations_ =
      {};  // of the last answer that was so bad, by health_status
  std::chrono::system_clock::time_point answered_at_ = {};
  std::chrono::nanoseconds latency_{};
  bool is_passive_ = false;
  bool was_known_ = false;  // whatever it was
  std::chrono::system_clock::time_point hanging_since_ = {};
};

}  // namespace querytap::detail
