#pragma once

#include "fitting_bounds.hpp"
#include "reports/report_hub.hpp"
#include "retirable_map.hpp"
#include "statement_sketch.hpp"
#include "transaction_series.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/call_convention.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What all copies of a backend share.
///
/// Threads  any number at once.
class backend_state final : public recorder_part {
 public:
  backend_state(querytap::recorder& recorder, const backend_options& options);

  /// The statement of a text that means the same under all settings, if this thread has lately seen
  /// it; else null.
  [[nodiscard]] const statement* plain_statement(std::string_view sql) const noexcept;
  [[nodiscard]] const statement& statement_for(std::string_view sql,
                                               const quoting& quotes) noexcept;

  [[nodiscard]] querytap::recorder& recorder() noexcept { return recorder_; }
  [[nodiscard]] const backend_options& options() const noexcept { return options_; }
  [[nodiscard]] report_hub& hub() const noexcept { return hub_; }
  [[nodiscard]] const instrument& duration_of(const statement_identity& statement) const noexcept {
    return with_fitting_bounds(duration_instrument(statement, recorder_.options().gen_ai_names),
                               options_.system);
  }
  void record_phase(std::string_view name, std::uint64_t nanoseconds) noexcept;
  void record_phase(phase phase, std::uint64_t nanoseconds) noexcept;
  /// Each phase of a call: of those that count in no series that is a part of a phase's total.
  void record_phases(const call_data& call) noexcept;
  /// The series of a phase. Throws without memory.
  [[nodiscard]] const histogram& total_of(phase phase);
  /// Made by the first call. Throws without memory then, and never afterwards.
  [[nodiscard]] const transaction_series& transactions();
  /// Nanoseconds; for a statement that has no threshold of its own.
  [[nodiscard]] std::uint64_t slow_threshold() const noexcept {
    return slow_threshold_.load(std::memory_order_relaxed);
  }
  /// Under a parts_lock: gives all statements, or one, the thresholds that were set.
  void apply_rules();
  void apply_rules(std::uint64_t fingerprint);
  void add_file(std::uint64_t number) noexcept;
  /// The number of the one file that it is of; 0: not known; another number than that of any file
  /// where it is of several.
  [[nodiscard]] std::uint64_t file() const noexcept {
    return file_.load(std::memory_order_relaxed);
  }
  /// The labels of every series of a statement: the backend's own, and the summary.
  [[nodiscard]] attributes attributes_of(const statement_identity& identity) const;

  void release_idle(const series_usage& usage) override;
  void add_to(snapshot& snapshot) override;

 private:
  [[nodiscard]] statement_handle find_or_make(std::string_view sql, const quoting& quotes);
  [[nodiscard]] const histogram& find_or_make_phase(std::string_view name);
  [[nodiscard]] histogram bind_phase(std::string_view name);
  void apply_rules_to(const statement& statement) const;
  void adapt_thresholds(const snapshot& snapshot);

  querytap::recorder& recorder_;
  const backend_options options_;
  report_hub& hub_;
  append_list<phase, histogram> phases_;
  append_list<std::string, histogram> other_phases_;    // of names that are the application's own
  append_list<bool, transaction_series> transactions_;  // one, by `true`
  // ORDER relaxed: the number says nothing of other memory.
  std::atomic<std::uint64_t> file_{0};
  const std::uint64_t cache_owner_;
  const std::array<std::uint64_t, count_of_quotings> owners_by_quoting_;
  // ORDER relaxed: one number; a statement that is made meanwhile is given its threshold afterwards.
  std::atomic<std::uint64_t> slow_threshold_;  // nanoseconds
  const statement_handle others_;  // takes the calls for whose statement there is no memory

  retirable_map<std::uint64_t, statement> statements_;  // by fingerprint, under a parts_lock
  statement_sketch overflowed_;                         // under a parts_lock
};

}  // namespace querytap::detail
