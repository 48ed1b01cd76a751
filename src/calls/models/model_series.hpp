#pragma once

#include "../retirable_map.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/recorder.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Which model does what, and which one answers.
struct model_names {
  std::string_view operation = {};
  std::string_view asked = {};
  std::string_view answered = {};  ///< empty: the endpoint did not say
};

/// The series of one model's calls, but for their durations: each is made when it is first recorded into.
///
/// Threads  any number at once.
/// Errors   histogram_of() and counter_of() throw without memory.
class model_series final : public ref_counted {
 public:
  model_series(recorder& recorder, const backend_options& backend, const model_names& names);

  /// `value` is that of `key`, where the instrument has one besides those of the model.
  [[nodiscard]] const histogram& histogram_of(const instrument& instrument,
                                              std::string_view key = {},
                                              std::string_view value = {}) const;
  [[nodiscard]] const counter& counter_of(const instrument& instrument, std::string_view key = {},
                                          std::string_view value = {}) const;
  /// The share that is left of a limit.
  [[nodiscard]] const gauge& gauge_of(std::string_view limit) const;

  [[nodiscard]] std::string_view operation() const noexcept { return operation_; }
  [[nodiscard]] gen_ai_names names() const noexcept { return recorder_.options().gen_ai_names; }

  [[nodiscard]] bool is_overflow() const noexcept { return anchor_.is_overflow(); }
  [[nodiscard]] const series& shown_as() const noexcept { return anchor_.target(); }
  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(anchor_);
    histograms_.for_each(visit);
  }
  void release_series() const;

 private:
  // Names of instruments and values live as long as the program.
  struct series_key {
    std::string_view instrument;
    std::string_view value;
    friend bool operator==(const series_key&, const series_key&) = default;
  };

  [[nodiscard]] attributes labels_of(const instrument& instrument, std::string_view key,
                                     std::string_view value) const;

  recorder& recorder_;
  const std::string operation_;
  attributes names_;
  histogram
      anchor_;  // that of the time to the first chunk, by which the collector sees what is idle
  mutable append_list<series_key, histogram> histograms_;
  mutable append_list<series_key, counter> counters_;
  mutable append_list<std::string_view, gauge> gauges_;
};

/// Counts the calls of a recorder that were answered without a number of tokens, in `querytap.dropped`.
///
/// Threads  any number at once.
class missing_usage final : public recorder_part {
 public:
  explicit missing_usage(recorder& recorder) : recorder_{recorder} {}

  void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }

  void release_idle(const series_usage& /*usage*/) override {}
  void add_to(snapshot& snapshot) override;
  void start_from_zero() noexcept override { count_.store(0, std::memory_order_relaxed); }

 private:
  recorder& recorder_;
  // ORDER relaxed: a number for a self-metric; nothing is published with it.
  std::atomic<std::uint64_t> count_{0};
  std::shared_ptr<const series_identity> series_ = nullptr;  // under a parts_lock
};

/// The series of the models of one endpoint.
///
/// Threads  any number at once.
class endpoint_series final : public recorder_part {
 public:
  endpoint_series(recorder& recorder, const backend& calls);

  [[nodiscard]] bool enabled() const noexcept { return recorder_.enabled(); }
  [[nodiscard]] missing_usage& without_usage() const noexcept { return without_usage_; }
  /// Throws without memory.
  [[nodiscard]] ref<const model_series> find(const model_names& names);

  void release_idle(const series_usage& usage) override;

 private:
  recorder& recorder_;
  const backend calls_;
  missing_usage& without_usage_;
  const std::uint64_t cache_owner_;
  retirable_map<std::string, model_series> models_;  // under a parts_lock
};

/// The instruments whose names depend on the version of the conventions.
struct gen_ai_instruments {
  const instrument* time_to_first_chunk;
  const instrument* time_per_output_chunk;
  bool counts_tokens;  ///< by counters; else in one histogram

  [[nodiscard]] static const gen_ai_instruments& find(gen_ai_names names) noexcept;
};

}  // namespace querytap::detail
