#include <querytap/calls/retrieval/rag_request.hpp>

#include "../../base/utf8.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap {
namespace {

constexpr std::string_view stage_keys[] = {"querytap.request.name", "querytap.stage",
                                           "querytap.strategy", "error.type"};
constexpr std::string_view unnamed_error = "_OTHER";

}  // namespace

rag_pipeline::rag_pipeline(recorder& telemetry, std::string_view name)
    : recorder_{&telemetry},
      name_{name},
      durations_{telemetry,
                 catalog::rag_stage_duration,
                 {stage_keys[0], stage_keys[1], stage_keys[2], stage_keys[3]}},
      results_{
          telemetry, catalog::rag_stage_results, {stage_keys[0], stage_keys[1], stage_keys[2]}} {}

stage_timer::stage_timer(rag_request& request, rag_stage stage, std::string_view strategy) noexcept
    : request_{&request},
      stage_{stage},
      strategy_{strategy},
      exceptions_{std::uncaught_exceptions()},
      begin_{request.pipeline_->recorder_->time().ticks()} {}

stage_timer::~stage_timer() {
  if (std::uncaught_exceptions() > exceptions_) failed_ = true;
  finish();
}

void stage_timer::finish() noexcept {
  rag_request* const request = std::exchange(request_, nullptr);
  if (request == nullptr) return;
  const clock& time = request->pipeline_->recorder_->time();
  request->record(stage_, strategy_, begin_, time.nanoseconds_between(begin_, time.ticks()),
                  results_, failed_);
}

rag_request::rag_request(const rag_pipeline& pipeline, const std::optional<trace_context>& caller)
    : request{*pipeline.recorder_, pipeline.name_, caller}, pipeline_{&pipeline} {}

void rag_request::add(rag_stage stage, std::string_view strategy, std::chrono::nanoseconds duration,
                      std::optional<std::uint64_t> results, bool failed) noexcept {
  const clock& time = pipeline_->recorder_->time();
  const auto spent = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
  const auto ticks =
      static_cast<std::uint64_t>(static_cast<double>(spent) / time.nanoseconds_per_tick());
  const std::uint64_t end = time.ticks();
  record(stage, strategy, end - std::min(end, ticks), spent, results, failed);
}

void rag_request::record(rag_stage stage, std::string_view strategy, std::uint64_t begin,
                         std::uint64_t nanoseconds, std::optional<std::uint64_t> results,
                         bool failed) noexcept {
  if (!pipeline_->recorder_->enabled()) return;
  const std::string_view name = pipeline_->name_;
  const std::string_view error = failed ? unnamed_error : std::string_view{};
  pipeline_->durations_.record(nanoseconds, {name, to_string(stage), strategy, error});
  if (results) pipeline_->results_.record(*results, {name, to_string(stage), strategy});
  detail::ledger* const own = open_ledger();
  if (own == nullptr) return;
  detail::ledger::stage_entry entry{.stage = stage,
                                    .failed = failed,
                                    .begin = begin,
                                    .nanoseconds = nanoseconds,
                                    .results = results.value_or(detail::ledger::no_rows)};
  const std::string_view shown = detail::utf8_prefix(strategy, entry.strategy.size());
  std::ranges::copy(shown, entry.strategy.begin());
  entry.strategy_size = static_cast<std::uint8_t>(shown.size());
  own->add(entry);
}

}  // namespace querytap
