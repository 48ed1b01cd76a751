#pragma once

#include "reports/report_hub.hpp"
#include "retirable_map.hpp"
#include "statement_sketch.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/recorder.hpp>

#include <memory>
#include <string_view>

namespace querytap::detail {

/// What all copies of a backend share.
///
/// Threads  any number at once.
class backend_state final : public recorder_part {
 public:
  backend_state(recorder& to, const backend_options& options);

  [[nodiscard]] const statement& statement_for(std::string_view sql) noexcept;

  [[nodiscard]] recorder& to() noexcept { return recorder_; }
  [[nodiscard]] const backend_options& options() const noexcept { return options_; }
  [[nodiscard]] report_hub& log() const noexcept { return *log_; }
  /// Of a statement that is not known well enough yet; nanoseconds.
  [[nodiscard]] std::uint64_t slow_threshold() const noexcept;
  void record_phase(std::string_view of, std::uint64_t nanoseconds) noexcept;
  /// Null if its calls are in flight under no such series.
  [[nodiscard]] statement_handle find_shown_as(const series& in_flight);
  /// Those of every series of a statement: the backend's own, and the summary.
  [[nodiscard]] attributes attributes_of(const statement_identity& identity) const;

  void release_idle(const series_usage& now) override;
  void add_to(snapshot& now) override;

 private:
  [[nodiscard]] statement_handle find_or_make(std::string_view sql);
  void adapt_thresholds(const snapshot& now);

  recorder& recorder_;
  const backend_options options_;
  const std::shared_ptr<report_hub> log_;
  append_list<std::string, histogram> phases_;
  const std::uint64_t cache_owner_;
  const statement_handle others_;  // where there is no memory for more

  retirable_map<std::uint64_t, statement> statements_;  // by fingerprint, under an owners_lock
  statement_sketch overflowed_;                         // the same
};

}  // namespace querytap::detail
