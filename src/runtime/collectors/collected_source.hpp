#pragma once

#include "../../analysis/statements/statement_join.hpp"
#include "../common/call_scheduler.hpp"
#include "../common/occupancy.hpp"
#include "source_series.hpp"

#include <querytap/recording/counter.hpp>
#include <querytap/recording/gauge.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/servers/collector.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace querytap {
class recorder;
}

namespace querytap::detail {

/// A collector, and who is inside it. Its name is known without asking it.
struct collector_in_use {
  explicit collector_in_use(std::shared_ptr<collector> asked)
      : source{std::move(asked)}, name{source->name()} {}

  std::shared_ptr<collector> source;
  std::string name;
  std::shared_ptr<occupancy> use = std::make_shared<occupancy>();
};

/// One collector: when it is asked, what it said last, and how old that is.
///
/// Threads  the scheduler's, except for the collection.
class collected_source final : public scheduled_call {
 public:
  /// A collector that was cut off is not called, and is reported as absent.
  collected_source(const collector_in_use& source, recorder& telemetry, std::size_t most_statements,
                   time_point first_due);

  [[nodiscard]] time_point due() const override { return is_cut_off_ ? time_point::max() : due_; }
  [[nodiscard]] std::chrono::nanoseconds limit() const override;
  [[nodiscard]] std::function<void()> begin(time_point begun) override;
  void not_begun(time_point tried, const std::string& reason) override;
  void overdue(time_point begun, time_point seen) override;
  void ended(time_point begun, time_point ended) override;

  /// Makes it due, now or when it returns.
  void want(time_point wanted_at);
  /// True once a collection has ended that began at that time or later, or as long as one is overdue.
  [[nodiscard]] bool has_answered_since(time_point wanted_at) const noexcept {
    return is_cut_off_ || ended_begun_ >= wanted_at || (collection_ != nullptr && was_overdue_);
  }

  /// As of this time; the same pointer as long as nothing has changed.
  [[nodiscard]] std::shared_ptr<const source_report> report(time_point seen);

 private:
  /// What one collection found, or why it found nothing.
  struct collection {
    collected found = collected{};
    std::optional<std::string> error = {};
    std::chrono::nanoseconds took{};
    attributes joined_calls = {};
    client_statements before = {};
  };

  [[nodiscard]] attributes calls_to_join() const;
  void take(const collection& ended, time_point seen);
  [[nodiscard]] std::vector<joined_statement> joined(const collection& ended);
  void fail(std::string reason, const counter& counted);
  [[nodiscard]] std::chrono::nanoseconds wait_after_failure() const;
  [[nodiscard]] source_state state_at(time_point seen) const;

  const std::shared_ptr<collector> source_;
  const std::shared_ptr<occupancy> use_;
  const bool is_cut_off_;
  const std::string name_;
  const std::chrono::nanoseconds interval_;
  const std::chrono::nanoseconds limit_;
  const std::size_t most_statements_;
  recorder& recorder_;
  const histogram duration_;
  const counter failed_;
  const counter timed_out_;
  std::optional<gauge> age_;  // once there are values
  time_point due_;
  time_point ended_begun_ = time_point::min();  // when the last collection that ended had begun
  bool is_wanted_ = false;
  std::uint64_t failures_in_row_ = 0;
  bool was_overdue_ = false;
  std::shared_ptr<collection> collection_ = nullptr;  // the last one
  source_series series_;
  attributes joined_calls_;  // that join_ is of
  statement_join join_;
  std::uint64_t readings_ = 0;             // of statements, that join_ has seen
  std::string counted_since_;              // by the server, of what join_ has seen last
  time_point taken_ = time_point::min();   // when the last values came
  std::shared_ptr<source_report> report_;  // what was found last
  std::shared_ptr<const source_report> published_ = nullptr;
};

}  // namespace querytap::detail
