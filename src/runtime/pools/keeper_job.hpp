#pragma once

#include "../common/background_task.hpp"

#include <querytap/policies/detail/pool_slots.hpp>
#include <querytap/runtime/pools/pool_keeper.hpp>
#include <querytap/snapshot/pool_report.hpp>

#include <cstddef>

namespace querytap::detail {

/// What a pool_keeper does at each step.
///
/// Errors  configuration_error at construction.
class keeper_job final : public background_job {
 public:
  keeper_job(background_thread& thread, pool_slots& slots, const pool_keeper_options& options);

  [[nodiscard]] time_point due() override { return due_; }
  void step() override;

 private:
  void adapt(const pool_report& state);

  background_thread& thread_;
  pool_slots& slots_;
  const pool_keeper_options options_;
  const std::size_t most_;  // that the pool was given, within the share of its server
  pool_report begin_;       // of the time whose load is judged next
  double usual_use_seconds_ = 0;
  time_point due_;
};

}  // namespace querytap::detail
