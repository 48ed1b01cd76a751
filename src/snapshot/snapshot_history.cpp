#include <querytap/snapshot/snapshot_history.hpp>

#include "history_slot.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/snapshot_difference.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace querytap {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds longest_window = std::chrono::minutes{60};

// How long a step may be that ended so long ago.
nanoseconds longest_step(nanoseconds age) {
  if (age >= std::chrono::minutes{15}) return std::chrono::minutes{5};
  if (age >= std::chrono::minutes{1}) return std::chrono::minutes{1};
  return nanoseconds::zero();
}

// By its middle, so that a window is off by half a step at most.
bool is_within(nanoseconds begin, nanoseconds end, nanoseconds window, nanoseconds at) {
  return (at - begin) / 2 + (at - end) / 2 <= window;
}

std::chrono::system_clock::time_point time_of(const snapshot& current, nanoseconds moment) {
  return current.time -
         std::chrono::duration_cast<std::chrono::system_clock::duration>(current.span - moment);
}

bool is_of_statement(const point& p, std::string_view system, std::uint64_t fingerprint) {
  const std::uint64_t own = p.statement == nullptr ? 0 : p.statement->fingerprint;
  return own == fingerprint && is_call_duration(*p.series->instrument) &&
         system_of_call(p.series->labels) == system;
}

// The durations of one statement's calls alone.
snapshot calls_of(const snapshot& all, std::uint64_t fingerprint) {
  snapshot own{.time = all.time, .span = all.span};
  for (const auto& known : all.metrics) {
    if (!is_call_duration(*known->instrument)) continue;
    metric part{known->instrument};
    for (const point& p : known->points) {
      if (p.statement != nullptr && p.statement->fingerprint == fingerprint)
        part.points.push_back(p);
    }
    if (!part.points.empty())
      own.metrics.push_back(std::make_shared<const metric>(std::move(part)));
  }
  return own;
}

void add_calls(const detail::point_sums& sums, std::string_view system, std::uint64_t fingerprint,
               statement_step& step) {
  std::shared_ptr<histogram_data> merged;
  for (const detail::point_sums::entry& entry : sums.entries()) {
    if (!entry.histogram || !is_of_statement(entry.sum, system, fingerprint)) continue;
    if (merged == nullptr) {
      merged = std::make_shared<histogram_data>(*entry.histogram);
    } else {
      merged->merge(*entry.histogram);
    }
    if (entry.sum.series->labels.find("error.type") != nullptr)
      step.errors += entry.histogram->count();
  }
  step.durations = std::move(merged);
}

// Only the values: a history in a history would never end.
std::shared_ptr<const snapshot> values_of(const snapshot& current) {
  auto values = std::make_shared<snapshot>();
  values->time = current.time;
  values->span = current.span;
  values->metrics = current.metrics;
  values->retired = current.retired;
  return values;
}

// The metrics in the order of `current`, then those of which every series has ended.
std::vector<std::shared_ptr<const metric>> metrics_of(const detail::point_sums& sums,
                                                      const snapshot& current) {
  std::vector<metric> recorded;
  std::size_t last = 0;  // points of one instrument mostly follow each other
  const auto metric_of = [&](const instrument& instrument) -> metric& {
    if (last < recorded.size() && recorded[last].instrument == &instrument) return recorded[last];
    const auto known = std::ranges::find_if(
        recorded, [&](const metric& metric) { return metric.instrument->name == instrument.name; });
    last = static_cast<std::size_t>(known - recorded.begin());
    return known != recorded.end() ? *known : recorded.emplace_back(metric{&instrument});
  };
  for (const auto& shown : current.metrics) static_cast<void>(metric_of(*shown->instrument));
  for (const detail::point_sums::entry& entry : sums.entries()) {
    if (!entry.has_ended)
      metric_of(*entry.sum.series->instrument)
          .points.push_back(detail::point_sums::point_of(entry));
  }
  std::vector<std::shared_ptr<const metric>> metrics;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const instrument_kind kind = recorded[i].instrument->kind;
    const bool is_state =
        kind == instrument_kind::gauge || kind == instrument_kind::up_down_counter;
    if (is_state && i < current.metrics.size()) {
      metrics.push_back(current.metrics[i]);
    } else if (!recorded[i].points.empty()) {
      metrics.push_back(std::make_shared<const metric>(std::move(recorded[i])));
    }
  }
  return metrics;
}

void fill(snapshot& recorded, const detail::point_sums& sums, const snapshot& current) {
  recorded.metrics = metrics_of(sums, current);
  for (const detail::point_sums::entry& entry : sums.entries()) {
    if (entry.has_ended) recorded.retired.push_back(detail::point_sums::point_of(entry));
  }
}

}  // namespace

bool snapshot_history::is_due(const snapshot& current) const noexcept {
  return current.span - (last_ == nullptr ? nanoseconds::zero() : last_->span) >= step;
}

void snapshot_history::add(const snapshot& current) {
  if (!is_due(current)) return;
  detail::point_sums sums;
  sums.add(last_ == nullptr ? difference(current, {}) : difference(current, *last_));
  slots_.push_back(std::make_shared<const detail::history_slot>(
      last_ == nullptr ? nanoseconds::zero() : last_->span, current.span, sums,
      slots_.empty() ? nullptr : slots_.back().get()));
  last_ = values_of(current);
  merge_aged(current.span);
  forget_oldest(current.span);
}

void snapshot_history::merge_aged(nanoseconds at) {
  for (std::size_t i = 0; i + 1 < slots_.size();) {
    const detail::history_slot& earlier = *slots_[i];
    const detail::history_slot& later = *slots_[i + 1];
    if (later.end() - earlier.begin() > longest_step(at - later.end())) {
      ++i;
      continue;
    }
    slots_[i] = detail::history_slot::merged(earlier, later);
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

void snapshot_history::forget_oldest(nanoseconds at) {
  while (!slots_.empty() &&
         (bytes() > byte_limit_ ||
          !is_within(slots_.front()->begin(), slots_.front()->end(), longest_window, at))) {
    slots_.erase(slots_.begin());
  }
}

snapshot snapshot_history::last(nanoseconds window, const snapshot& current) const {
  static const snapshot nothing;
  const snapshot& base = last_ == nullptr ? nothing : *last_;
  snapshot recorded{.resource = current.resource, .start = current.time, .time = current.time};
  if (!is_within(base.span, current.span, window, current.span)) return recorded;
  detail::point_sums sums;
  sums.add(difference(current, base));
  nanoseconds begin = base.span;
  for (auto step_before = slots_.rbegin(); step_before != slots_.rend(); ++step_before) {
    const detail::history_slot& known = **step_before;
    if (!is_within(known.begin(), known.end(), window, current.span)) break;
    known.add_to(sums);
    begin = known.begin();
  }
  recorded.span = current.span - begin;
  recorded.start = begin == nanoseconds::zero() ? current.start : time_of(current, begin);
  fill(recorded, sums, current);
  return recorded;
}

snapshot snapshot_history::before(nanoseconds window, nanoseconds ended,
                                  const snapshot& current) const {
  const nanoseconds at = current.span - ended;
  const nanoseconds middle_of_window = at - window / 2;
  const auto is_wanted = [&](const detail::history_slot& known) {
    const nanoseconds middle = known.begin() + (known.end() - known.begin()) / 2;
    const bool is_in_window = middle <= at && middle >= at - window;
    // A window that is shorter than the steps of its time is the step that it lies in.
    const bool is_around = known.begin() <= middle_of_window && middle_of_window < known.end();
    return is_in_window || is_around;
  };
  detail::point_sums sums;
  nanoseconds begin = nanoseconds::max();
  nanoseconds end{};
  for (const slot& known : slots_) {
    if (!is_wanted(*known)) continue;
    known->add_to(sums);
    begin = std::min(begin, known->begin());
    end = known->end();
  }
  snapshot recorded{.resource = current.resource};
  if (end == nanoseconds::zero()) return recorded;
  recorded.span = end - begin;
  recorded.start = time_of(current, begin);
  recorded.time = time_of(current, end);
  fill(recorded, sums, current);
  return recorded;
}

std::vector<statement_step> snapshot_history::steps_of(std::string_view system,
                                                       std::uint64_t fingerprint,
                                                       const snapshot& current) const {
  std::vector<statement_step> steps;
  const auto add_step = [&](nanoseconds begin, nanoseconds end, const detail::point_sums& sums) {
    add_calls(sums, system, fingerprint,
              steps.emplace_back(statement_step{current.span - begin, current.span - end}));
  };
  for (const slot& known : slots_) {
    detail::point_sums sums;
    known->add_statement_to(sums, fingerprint);
    add_step(known->begin(), known->end(), sums);
  }
  if (last_ == nullptr || last_->span >= current.span) return steps;
  detail::point_sums newest;
  newest.add(difference(calls_of(current, fingerprint), calls_of(*last_, fingerprint)));
  add_step(last_->span, current.span, newest);
  return steps;
}

std::size_t snapshot_history::bytes() const noexcept {
  std::size_t sum = 0;
  for (const slot& s : slots_) sum += s->bytes();
  return sum;
}

snapshot recent(const snapshot& current, nanoseconds window) {
  return current.history == nullptr ? snapshot_history{0}.last(window, current)
                                    : current.history->last(window, current);
}

snapshot recent_before(const snapshot& current, nanoseconds window, nanoseconds ended) {
  return current.history == nullptr ? snapshot{.resource = current.resource}
                                    : current.history->before(window, ended, current);
}

std::vector<recent_window> recent_windows(const snapshot& current) {
  using namespace std::chrono_literals;
  std::vector<recent_window> known;
  constexpr std::pair<std::string_view, nanoseconds> windows[] = {
      {"1 min", 1min}, {"5 min", 5min}, {"60 min", 60min}};
  if (current.history == nullptr) return known;
  for (const auto& [name, length] : windows) {
    snapshot recorded = recent(current, length);
    const bool is_covered = recorded.span >= std::min(length / 2, current.span);
    if (is_covered) known.push_back({name, length, std::move(recorded)});
  }
  return known;
}

}  // namespace querytap
