#pragma once

#include "short_searches.hpp"
#include "under_returns.hpp"

#include <querytap/calls/retrieval/retrieval_quality.hpp>
#include <querytap/calls/retrieval/vector_store.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What all calls of a collection share.
class collection_state {
 public:
  collection_state(recorder& telemetry, const vector_store_options& options,
                   const querytap::backend& backend, std::string_view name,
                   std::string_view strategy);
  collection_state(const collection_state&) = delete;
  collection_state& operator=(const collection_state&) = delete;

  /// True past the series limit.
  [[nodiscard]] bool is_overflow() const noexcept { return searches().is_overflow(); }
  /// Every search records into it.
  [[nodiscard]] const histogram& searches() const noexcept { return quality_.series_.returned; }

  /// `operation collection [by metric] [where keys]`, without an allocation.
  [[nodiscard]] const statement& statement_for(std::string_view operation, std::string_view metric,
                                               std::string_view filter) const noexcept;
  [[nodiscard]] under_return_entry* filter_entry(const filter_shape& filter) noexcept;

  void record(const retrieval_outcome& search) const noexcept { quality_.record(search); }
  void count_short(under_return_reason reason) const noexcept { short_searches_.count(reason); }
  [[nodiscard]] std::uint64_t nanoseconds() const noexcept;
  /// Nobody counts before the interval is over: for a collection that may be forgotten before.
  void delay_counts() noexcept { count_from_ = nanoseconds() + count_interval_; }
  /// True for the one thread that counts now.
  [[nodiscard]] bool claim_count(under_return_entry& entry, std::uint64_t time) const noexcept;
  /// Nobody counts again before the interval is over, and a hundred times what this count took.
  void plan_next_count(under_return_entry& entry, std::uint64_t begin) const noexcept;
  void publish_finding(const std::shared_ptr<const statement_identity>& searched,
                       const under_return_entry& entry, std::uint64_t k, std::uint64_t matching,
                       code_location site) const noexcept;

 private:
  recorder& recorder_;
  std::string system_;
  std::string name_;
  std::string search_width_;
  std::uint64_t count_interval_;  // nanoseconds
  std::uint64_t count_from_ = 0;  // nanoseconds of the recorder's clock
  querytap::backend backend_;
  retrieval_quality quality_;
  short_searches short_searches_;
  under_returns filters_;
};

}  // namespace querytap::detail
