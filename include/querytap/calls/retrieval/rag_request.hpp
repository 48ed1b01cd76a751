#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/histogram_family.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/retrieval/rag_stage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

/// What a service does to answer questions: the name of its requests, and the series of their stages.
///
///     const rag_pipeline chat{recorder, "POST /chat"};
///
/// Threads  any number at once.
/// Errors   as recorder::bind_histogram().
/// Lifetime the recorder outlives it; it outlives its requests.
class rag_pipeline {
 public:
  rag_pipeline(recorder& telemetry, std::string_view name);

 private:
  friend class rag_request;
  friend class stage_timer;

  recorder* recorder_;
  std::string name_;
  histogram_family<4> durations_;
  histogram_family<3> results_;
};

class rag_request;

/// Times one stage of a rag_request, from rag_request::begin() to finish() or destruction.
///
/// Threads  that of its request.
/// Errors   none; an exception that leaves the scope makes the stage a failed one.
/// Lifetime ends before its request.
class stage_timer {
 public:
  stage_timer(const stage_timer&) = delete;
  stage_timer& operator=(const stage_timer&) = delete;
  ~stage_timer();

  /// How many passages the stage hands on.
  void results(std::uint64_t count) noexcept { results_ = count; }
  void fail() noexcept { failed_ = true; }
  /// Stops the clock and records, once.
  void finish() noexcept;

 private:
  friend class rag_request;
  stage_timer(rag_request& request, rag_stage stage, std::string_view strategy) noexcept;

  rag_request* request_;  // null once finished
  rag_stage stage_;
  bool failed_ = false;
  std::optional<std::uint64_t> results_ = {};
  std::string_view strategy_;
  int exceptions_;
  std::uint64_t begin_;  // ticks
};

/// A request that retrieves and generates, with its stages: in its ledger they are a waterfall, and each
/// has a histogram, `querytap.rag.stage.duration`, by stage and strategy.
///
///     rag_request question{chat};
///     {
///       auto search = question.begin(rag_stage::retrieve, "vector");
///       const auto found = documents.query(vector, 10);
///       search.results(found.size());
///     }
///
/// The share of a stage in the time of all answers is the rate of its sum over that of
/// `querytap.request.duration`. Strategies stand side by side by their label: keep them few.
///
/// Threads  one at a time, as a request. What other threads did meanwhile is added by add().
/// Cost     a request, and for each stage two clock reads and one or two records of a histogram_family;
///          bench/calls/retrieval_bench.cpp. No lock, no allocation when warm. The first 16 stages of a
///          request are listed one by one.
/// Errors   none.
class rag_request : public request {
 public:
  explicit rag_request(const rag_pipeline& pipeline,
                       const std::optional<trace_context>& caller = {});

  /// `strategy` must live until the stage is finished: a literal, mostly. It is cut at 31 bytes in ledgers.
  [[nodiscard]] stage_timer begin(rag_stage stage, std::string_view strategy = {}) noexcept {
    return {*this, stage, strategy};
  }
  /// A stage that has just ended and took so long, on whatever thread.
  void add(rag_stage stage, std::string_view strategy, std::chrono::nanoseconds duration,
           std::optional<std::uint64_t> results = {}, bool failed = false) noexcept;

 private:
  friend class stage_timer;
  void record(rag_stage stage, std::string_view strategy, std::uint64_t begin,
              std::uint64_t nanoseconds, std::optional<std::uint64_t> results,
              bool failed) noexcept;

  const rag_pipeline* pipeline_;
};

}  // namespace querytap
