#include "collected_source.hpp"

#include "../../servers/common/own_questions.hpp"
#include "../common/thrown_text.hpp"

#include <querytap/base/human.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::uint64_t most_doublings = 3;  // of the interval, after failures
constexpr int intervals_until_stale = 2;
constexpr int intervals_until_absent = 10;
constexpr std::chrono::nanoseconds longest_interval = std::chrono::hours{24 * 365};

attributes labels_of_source(const std::string& name) { return {{"querytap.source", name}}; }

attributes labels_of_failure(const std::string& name, std::string_view reason) {
  return {{"querytap.source", name}, {"querytap.reason", reason}};
}

constexpr std::string_view reason_of_cut_off =
    "this process was forked off while the source was being asked, and does not ask it: make the "
    "collectors after the fork";

// A collection that ends at its deadline says more of what it was waiting for than its being overdue does.
std::chrono::nanoseconds limit_with_grace(std::chrono::nanoseconds limit) {
  return limit + std::max<std::chrono::nanoseconds>(limit / 10, std::chrono::milliseconds{50});
}

// Collectors give up at their deadline by themselves, or a little before.
bool gave_up_in_time(std::chrono::nanoseconds took, std::chrono::nanoseconds limit) {
  return took >= limit - limit / 10;
}

bool has_calls_of_application(const std::vector<joined_statement>& rows) {
  return std::ranges::any_of(rows,
                             [](const joined_statement& row) { return row.client_calls != 0; });
}

}  // namespace

collected_source::collected_source(const collector_in_use& source, recorder& telemetry,
                                   std::size_t most_statements, time_point first_due)
    : source_{source.source},
      use_{source.use},
      is_cut_off_{use_->was_cut_off()},
      name_{source.name},
      interval_{is_cut_off_ ? longest_interval : std::min(source_->interval(), longest_interval)},
      limit_{is_cut_off_ ? longest_interval : std::min(source_->time_limit(), longest_interval)},
      most_statements_{most_statements},
      recorder_{telemetry},
      duration_{telemetry.bind_histogram(catalog::source_duration, labels_of_source(name_))},
      failed_{telemetry.bind_counter(catalog::source_failures, labels_of_failure(name_, "error"))},
      timed_out_{
          telemetry.bind_counter(catalog::source_failures, labels_of_failure(name_, "timeout"))},
      due_{first_due},
      report_{std::make_shared<source_report>(source_report{
          .name = name_, .error = std::string{is_cut_off_ ? reason_of_cut_off : ""}})} {}

std::chrono::nanoseconds collected_source::limit() const { return limit_with_grace(limit_); }

// The port is a label of calls only where it is not the default.
attributes collected_source::calls_to_join() const {
  const occupancy::visit inside{use_};  // it may take a lock
  attributes wanted = source_->calls_to_join();
  const bool has_address = wanted.find("server.address") != nullptr;
  if (has_address && wanted.find("server.port") == nullptr) wanted.set({"server.port", ""});
  return wanted;
}

std::function<void()> collected_source::begin(time_point begun) {
  due_ = begun + interval_;
  is_wanted_ = false;
  was_overdue_ = false;
  auto next = std::make_shared<collection>();
  next->joined_calls = calls_to_join();
  if (!next->joined_calls.empty()) {
    next->before = client_statements_of(recorder_.collect(), next->joined_calls);
  }
  collection_ = next;
  return [next, source = source_, use = use_, limit = limit_] {
    const occupancy::visit inside{use};
    const auto start = collector::deadline::clock::now();
    next->error = thrown_by([&] { source->collect(next->found, start + limit); });
    next->took = collector::deadline::clock::now() - start;
  };
}

void collected_source::not_begun(time_point tried, const std::string& reason) {
  collection_ = nullptr;
  ended_begun_ = tried;
  due_ = tried + interval_;
  fail(fmt::format("could not be asked: {}", reason), failed_);
}

// It is not asked again before it has returned; the time is only that of the next look at it.
void collected_source::overdue(time_point begun, time_point seen) {
  due_ = seen + interval_;
  if (std::exchange(was_overdue_, true)) return;
  fail(fmt::format("has not answered within {}", human_duration(seen - begun)), timed_out_);
}

void collected_source::ended(time_point begun, time_point ended) {
  const auto last = std::exchange(collection_, nullptr);
  duration_.record(static_cast<std::uint64_t>(last->took.count()));
  ended_begun_ = begun;
  if (!was_overdue_) {
    if (last->error.has_value()) {
      fail(std::move(*last->error), gave_up_in_time(last->took, limit_) ? timed_out_ : failed_);
    } else {
      take(*last, ended);
    }
  }
  due_ = failures_in_row_ == 0 ? std::max(begun + interval_, ended) : ended + wait_after_failure();
  if (is_wanted_) due_ = ended;
}

void collected_source::want(time_point wanted_at) {
  if (collection_ != nullptr) {
    is_wanted_ = true;
  } else {
    due_ = wanted_at;
  }
}

std::chrono::nanoseconds collected_source::wait_after_failure() const {
  return interval_ * (std::int64_t{1} << std::min(failures_in_row_, most_doublings));
}

void collected_source::fail(std::string reason, const counter& counted) {
  counted.add();
  ++failures_in_row_;
  auto next = std::make_shared<source_report>(*report_);
  next->error = std::move(reason);
  report_ = std::move(next);
}

void collected_source::take(const collection& ended, time_point seen) {
  failures_in_row_ = 0;
  // What has been left out comes back as a series that begins now: nobody has seen what it counted meanwhile.
  if (state_at(seen) == source_state::absent) series_ = {};
  taken_ = seen;
  const auto time = recorder_.time().wall();
  auto next = std::make_shared<source_report>(source_report{.name = name_, .time = time});
  next->duration = ended.took;
  next->metrics = series_.update(ended.found.numbers(), time);
  next->unavailable = ended.found.unavailable();
  next->statements = joined(ended);
  if (readings_ == 1 && next->statements.empty()) {
    next->unavailable.push_back(
        {"join",
         "both sides count from the first reading of the server's statements on: there is "
         "nothing to show before the second"});
  }
  if (!next->statements.empty() && !has_calls_of_application(next->statements)) {
    next->unavailable.push_back({"join", fmt::format("none of the application's calls has {}",
                                                     to_string(ended.joined_calls))});
  }
  report_ = std::move(next);
}

// The last ones, where there are no new ones: a collector may read them less often than the rest. An address that
// became known only now leaves the calls before it uncounted.
std::vector<joined_statement> collected_source::joined(const collection& ended) {
  const bool is_known = !ended.joined_calls.empty() && ended.joined_calls == calls_to_join();
  if (!is_known || !ended.found.has_read_statements()) return report_->statements;
  if (joined_calls_ != ended.joined_calls) {  // another server, or another name of it
    join_ = {};
    readings_ = 0;
  }
  ++readings_;
  const std::string& since = ended.found.statements_counted_since();
  const auto were_reset = since.empty() || counted_since_.empty()
                              ? std::nullopt
                              : std::optional{since != counted_since_};
  counted_since_ = since;
  joined_calls_ = ended.joined_calls;
  const client_statements after = client_statements_of(recorder_.collect(), ended.joined_calls);
  return join_.look({ended.found.statements(), ended.found.are_all_statements(), ended.before,
                     after, is_own_question, were_reset},
                    most_statements_);
}

source_state collected_source::state_at(time_point seen) const {
  if (taken_ == time_point::min()) {
    return report_->error.empty() ? source_state::waiting : source_state::absent;
  }
  const std::chrono::nanoseconds age = seen - taken_;
  if (age > interval_ * intervals_until_absent) return source_state::absent;
  return age > interval_ * intervals_until_stale + limit_ ? source_state::stale
                                                          : source_state::fresh;
}

std::shared_ptr<const source_report> collected_source::report(time_point seen) {
  if (taken_ != time_point::min()) {
    if (!age_) age_ = recorder_.bind_gauge(catalog::source_age, labels_of_source(name_));
    age_->set(std::chrono::duration_cast<std::chrono::nanoseconds>(seen - taken_).count());
  }
  const source_state state = state_at(seen);
  if (published_ == report_ && published_->state == state) return published_;
  if (report_->state != state) {
    auto changed = std::make_shared<source_report>(*report_);
    changed->state = state;
    report_ = std::move(changed);
  }
  published_ = report_;
  return published_;
}

}  // namespace querytap::detail
