#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/recording/histogram.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace querytap {

class recorder;

struct component_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::seconds{1};
};

/// One piece of work of a component: an operation with a quality.
///
/// Threads, Cost, Errors and Lifetime as of an operation.
class component_call {
 public:
  /// From 0 to 1, as the component itself values what it did; what is beyond counts as the nearer end,
  /// and what is no number not at all.
  void quality(double value) noexcept {
    if (value != value) return;
    quality_.record(static_cast<std::uint64_t>(std::clamp(value, 0.0, 1.0) * 1e6 + 0.5));
  }
  void fail(const outcome& failure) noexcept { call_.fail(failure); }
  void retried() noexcept { call_.retried(); }
  void finish() noexcept { call_.finish(); }

 private:
  friend class component;
  component_call(const statement& work, histogram quality, code_location site) noexcept
      : call_{work, site}, quality_{quality} {}

  operation call_;
  histogram quality_;
};

/// A named part of an application that is no client of anything: a validator, an optimiser, an agent, a
/// gateway, a tool. What it does is an operation, with reports, findings and a place in the ledger; what
/// it calls meanwhile is taken off its time there.
///
///     const component validator{recorder, "answer_validator"};
///     {
///       component_call call = validator.begin();
///       call.quality(check(answer));
///     }
///
/// Exports `querytap.component.duration`, with `error.type` where it failed, and
/// `querytap.component.quality`.
///
/// Threads  any number at once.
/// Errors   at construction configuration_error for a name that is empty, or options that cannot be
///          used.
/// Lifetime the recorder outlives it; it outlives its calls.
class component {
 public:
  component(recorder& telemetry, std::string_view name, const component_options& options = {});

  [[nodiscard]] component_call begin(code_location site = code_location::current()) const noexcept {
    return {*work_, quality_, site};
  }

 private:
  statement_handle work_;
  histogram quality_;
};

}  // namespace querytap
