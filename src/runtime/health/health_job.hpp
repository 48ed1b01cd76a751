#pragma once

#include "../../calls/reports/health_board.hpp"
#include "../../calls/reports/report_hub.hpp"
#include "../common/call_scheduler.hpp"
#include "../common/occupancy.hpp"
#include "checked_component.hpp"
#include "systemd_notifier.hpp"

#include <querytap/runtime/health/health.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace querytap::detail {

/// Who is inside what the application has given.
struct health_uses {
  explicit health_uses(std::size_t checks) {
    for (std::size_t i = 0; i < checks; ++i) probes.push_back(std::make_shared<occupancy>());
  }
  void enter_process() noexcept {
    for (const auto& probe : probes) probe->enter_process();
    on_change->enter_process();
  }

  std::vector<std::shared_ptr<occupancy>> probes = {};  ///< in the order of the checks
  std::shared_ptr<occupancy> on_change = std::make_shared<occupancy>();
};

/// What a health object does in one process.
class health_job final : public call_scheduler {
 public:
  /// `owner`: whose reports they are, on the board.
  health_job(background_thread& thread, recorder& telemetry, const health_options& options,
             const health_uses& uses, const void* owner);
  ~health_job() override;

  [[nodiscard]] time_point due() override;
  void step() override;

 private:
  void changed() override;
  [[nodiscard]] const snapshot& collected();
  void publish(finding change, const health_report& report);
  void notify_systemd();

  background_thread& thread_;
  recorder& recorder_;
  const health_options& options_;
  const std::shared_ptr<occupancy> on_change_use_;
  const void* const owner_;
  health_board& board_;
  report_hub& hub_;
  std::vector<const checked_component*> components_;  // the scheduler owns them
  std::optional<snapshot> collected_;                 // of this step
  std::vector<health_report> news_for_callback_;      // of this step
  std::optional<systemd_notifier> systemd_;
  bool has_said_ready_ = false;
  time_point watchdog_due_ = time_point::max();
};

}  // namespace querytap::detail
