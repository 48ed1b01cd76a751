#pragma once

#include "heavy_statements.hpp"
#include "kept_map.hpp"
#include "reports/call_log.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/recording/detail/series_owner.hpp>
#include <querytap/recording/recorder.hpp>

#include <memory>
#include <string_view>

namespace querytap::detail {

/// What all copies of a backend share.
///
/// Threads  any number at once.
class backend_state final : public series_owner {
 public:
  backend_state(recorder& to, const backend_options& options);

  [[nodiscard]] const statement& statement_for(std::string_view sql) noexcept;

  [[nodiscard]] recorder& to() noexcept { return recorder_; }
  [[nodiscard]] const backend_options& options() const noexcept { return options_; }
  [[nodiscard]] call_log& log() const noexcept { return *log_; }
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
  const std::shared_ptr<call_log> log_;
  append_list<std::string, histogram> phases_;
  const std::uint64_t cache_owner_;
  const statement_handle others_;  // where there is no memory for more

  kept_map<std::uint64_t, statement> statements_;  // by fingerprint, under an owners_lock
  heavy_statements overflowed_;                    // the same
};

}  // namespace querytap::detail
