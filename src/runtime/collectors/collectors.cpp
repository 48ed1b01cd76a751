#include <querytap/runtime/collectors/collectors.hpp>

#include "../../calls/reports/source_board.hpp"
#include "../common/call_scheduler.hpp"
#include "awaited_rounds.hpp"
#include "collected_source.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace querytap {
namespace detail {
namespace {

// So that the age of values that no longer come, and their state, are told in time.
constexpr std::chrono::seconds longest_pause_of_collectors{5};

}  // namespace

/// What the collectors do in one process.
class collectors_job final : public call_scheduler {
 public:
  /// `owner`: whose reports they are, on the board.
  collectors_job(background_thread& thread, recorder& telemetry,
                 const std::vector<collector_in_use>& sources, std::size_t most_statements,
                 const void* owner)
      : call_scheduler{thread},
        thread_{thread},
        owner_{owner},
        board_{telemetry.part<source_board>()} {
    for (const collector_in_use& source : sources) {
      auto collected =
          std::make_unique<collected_source>(source, telemetry, most_statements, thread.now());
      sources_.push_back(collected.get());
      add(std::move(collected));
    }
    changed();
  }

  ~collectors_job() override { board_.withdraw(owner_); }

  [[nodiscard]] time_point due() override {
    return std::min(call_scheduler::due(), thread_.now() + longest_pause_of_collectors);
  }

  void step() override {
    const time_point time = thread_.now();
    if (rounds_.begin(time)) {
      for (collected_source* const source : sources_) source->want(time);
    }
    call_scheduler::step();
  }

  /// Returns early where the task is stopped.
  void ask_now() {
    rounds_.wait(
        longest_pause_of_collectors, [this] { thread_.wake(); },
        [this] { return thread_.is_stopping(); });
  }

 private:
  void changed() override {
    const time_point seen = thread_.now();
    source_board::reports reports;
    for (collected_source* const source : sources_) reports.push_back(source->report(seen));
    board_.publish(owner_, std::move(reports));
    end_round();
  }

  // After the reports are published, for which who asked is waiting.
  void end_round() {
    const auto begun = rounds_.begun();
    if (!begun.has_value()) return;
    const bool all_answered = std::ranges::all_of(sources_, [&](const collected_source* source) {
      return source->has_answered_since(*begun);
    });
    if (all_answered) rounds_.end();
  }

  background_thread& thread_;
  const void* const owner_;
  source_board& board_;
  std::vector<collected_source*> sources_;  // the scheduler owns them
  awaited_rounds rounds_;
};

}  // namespace detail

namespace {

void expect_positive(std::string_view option, std::chrono::nanoseconds given,
                     std::string_view source) {
  if (given > std::chrono::nanoseconds{0}) return;
  throw configuration_error{option, fmt::format("{} ns", given.count()),
                            fmt::format("collector '{}': expected more than 0", source)};
}

collectors_options validated_collectors(collectors_options options) {
  std::set<std::string> names;
  for (const auto& source : options.sources) {
    if (source == nullptr) throw configuration_error{"sources", "null", "expected objects"};
    if (source->name().empty()) throw configuration_error{"sources", "", "expected a name of each"};
    expect_positive("interval", source->interval(), source->name());
    expect_positive("time_limit", source->time_limit(), source->name());
    if (!names.insert(source->name()).second) {
      throw configuration_error{"sources", source->name(),
                                "expected a name that no other source has"};
    }
  }
  return options;
}

}  // namespace

class collectors::implementation {
 public:
  implementation(recorder& telemetry, collectors_options options)
      : options_{validated_collectors(std::move(options))} {
    if (!telemetry.enabled()) return;
    for (const auto& source : options_.sources) sources_.emplace_back(source);
    task_.emplace([this, &telemetry](detail::background_thread& thread) {
      for (const detail::collector_in_use& source : sources_) source.use->enter_process();
      return std::make_unique<detail::collectors_job>(thread, telemetry, sources_,
                                                      options_.most_statements, this);
    });
  }

  void ask_now() {
    if (task_ && task_->job() != nullptr) task_->job()->ask_now();
  }

 private:
  const collectors_options options_;
  std::vector<detail::collector_in_use> sources_;
  std::optional<detail::background_task<detail::collectors_job>>
      task_;  // none where nothing is recorded
};

collectors::collectors(recorder& recorder, collectors_options options)
    : implementation_{std::make_unique<implementation>(recorder, std::move(options))} {}

collectors::~collectors() = default;

void collectors::ask_now() { implementation_->ask_now(); }

}  // namespace querytap
