#include "checked_component.hpp"

#include "../../base/one_line.hpp"
#include "../common/thrown_text.hpp"

#include <querytap/base/human.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot_history.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace querytap::detail {
namespace {

// With three bad answers in a row, each of which takes a tenth of the interval, a change is known within it.
constexpr int looks_per_interval = 2;
constexpr int deciding_looks_per_interval = 20;
constexpr double most_jitter = 0.1;
constexpr std::chrono::minutes window_of_traffic{1};

constexpr std::string_view advice_without_answer =
    "see whether it runs, and whether it can be reached from here";
// Of what asks nobody else, the application alone knows more.
constexpr std::string_view advice_of_own_check =
    "look at what this check of the application does, and at what it says";

// A probe that returns at its deadline names the reason better than its being overdue does.
std::chrono::nanoseconds grace(std::chrono::nanoseconds limit) {
  return std::max<std::chrono::nanoseconds>(limit / 10, std::chrono::milliseconds{50});
}

health_answer failed_answer(std::string reason, const health_check& check) {
  const bool is_own = check.probe != nullptr && check.probe->looks_at_process_alone();
  return {.measurements = {
              {.name = "answers",
               .status = health_status::fail,
               .reason = std::move(reason),
               .advice = std::string{is_own ? advice_of_own_check : advice_without_answer}}}};
}

// What a probe says may quote others: a line of theirs is no line of ours.
health_answer in_lines(health_answer answer) {
  for (health_measurement& measured : answer.measurements) {
    for (std::string* const text :
         {&measured.name, &measured.unit, &measured.reason, &measured.advice}) {
      *text = one_line(*text);
    }
  }
  return answer;
}

// Something that could not be found out is worse than all that is well. Of equals the first; null if there is none.
const health_measurement* decisive_of(const health_answer& answer) {
  const auto worst = std::ranges::max_element(
      answer.measurements, {},
      [](const health_measurement& measured) { return health_rank(measured.status); });
  return worst == answer.measurements.end() ? nullptr : &*worst;
}

std::string reason_in_words(const health_measurement& measured) {
  const bool is_silent = measured.status == health_status::unknown && measured.reason.empty();
  return is_silent ? fmt::format("the probe could not find out: {}", measured.name)
                   : measured.reason;
}

// A warning, where the application's calls still tell of the component.
health_measurement cut_off_probe() {
  return {.name = "probe",
          .status = health_status::warn,
          .reason = "this process was forked off while its probe was running, and does not use it",
          .advice = "make the health object after the fork"};
}

// Of a component that calls alone tell of: nobody can say more.
health_measurement without_calls() { return {.name = "traffic", .status = health_status::pass}; }

// From bad to unknown is no recovery.
bool is_for_better(const health_change& change) {
  return change.after != health_status::unknown &&
         health_rank(change.after) < health_rank(change.before);
}

// Replicas that were started together are other processes, of other times.
std::uint32_t seed_of(const std::string& component) {
  const auto time = std::chrono::system_clock::now().time_since_epoch().count();
  const std::uint64_t seed = std::hash<std::string>{}(component) ^
                             static_cast<std::uint64_t>(time) * 0x9E37'79B9'7F4A'7C15U ^
                             static_cast<std::uint64_t>(getpid()) << 32U;
  return static_cast<std::uint32_t>(seed >> 16U) | 1U;
}

}  // namespace

checked_component::checked_component(const health_check& check,
                                     std::shared_ptr<occupancy> probe_use, recorder& telemetry,
                                     snapshots collect, found report, time_point first_due)
    : check_{check},
      probe_use_{std::move(probe_use)},
      recorder_{telemetry},
      collect_{std::move(collect)},
      report_{std::move(report)},
      duration_{telemetry.bind_histogram(catalog::health_duration,
                                         {{"querytap.component", check.component}})},
      health_{{.failures = check.failures, .successes = check.successes}},
      due_{first_due},
      random_{seed_of(check.component)} {
  for (std::size_t i = 0; i < status_.size(); ++i) {
    status_[i] = telemetry.bind_gauge(
        catalog::health_status,
        {{"querytap.component", check.component},
         {"querytap.health.status", to_string(static_cast<health_status>(i))}});
  }
  if (probe_use_->was_cut_off()) {
    const health_measurement why = cut_off_probe();
    explanations_[static_cast<std::size_t>(health_status::unknown)] = {why.reason, why.advice};
  }
}

checked_component::~checked_component() { show_status(health_status::unknown); }

std::chrono::nanoseconds checked_component::longest_silence() const {
  return 3 * (std::chrono::nanoseconds{check_.interval} + limit());
}

std::chrono::nanoseconds checked_component::limit() const {
  return check_.time_limit + grace(check_.time_limit);
}

// Instances that were started together do not ask together for long.
std::chrono::nanoseconds checked_component::gap() {
  const std::chrono::nanoseconds interval = check_.interval;
  if (health_.is_undecided()) {
    const auto answers = std::int64_t{std::max(check_.failures, check_.successes)};
    return std::min(interval / deciding_looks_per_interval, interval * 2 / (5 * answers));
  }
  random_ ^= random_ << 13U;  // xorshift32
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  const double share = static_cast<double>(random_) / 4294967296.0;  // of [0, 1)
  const double jitter = 1 + most_jitter * (2 * share - 1);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(interval * jitter) /
         looks_per_interval;
}

std::function<void()> checked_component::begin(time_point begun) {
  due_ = begun + gap();
  const bool has_probe = check_.probe != nullptr && !probe_use_->was_cut_off();
  if (is_well_by_traffic() || !has_probe) {
    look_at_calls_alone();
    due_ = begun + gap();
    return {};
  }
  auto run = std::make_shared<probe_run>();
  run_ = run;
  return [run, probe = check_.probe, use = probe_use_, limit = check_.time_limit] {
    const occupancy::visit inside{use};
    const auto start = health_probe::deadline::clock::now();
    run->error = thrown_by([&] { run->answer = probe->look(start + limit); });
    run->took = health_probe::deadline::clock::now() - start;
  };
}

void checked_component::look_at_calls_alone() {
  const bool is_cut_off = probe_use_->was_cut_off();
  if (is_cut_off && check_.traffic.empty())
    return;  // nothing is known, for the reason that is reported
  is_passive_ = true;
  latency_ = {};
  health_answer answer{.measurements = {traffic_.value_or(without_calls())}};
  if (is_cut_off) answer.measurements.push_back(cut_off_probe());
  take(std::move(answer));
}

// Leaves in `traffic_` what calls show, if there are any.
bool checked_component::is_well_by_traffic() {
  traffic_.reset();
  if (check_.traffic.empty()) return false;
  const snapshot& collected = collect_();
  const traffic total = traffic_of(collected, check_.traffic, check_.time_limit);
  // Retired series count no more: a total that is less than it was begins anew.
  const bool is_anew = total.calls < at_last_look_.calls;
  const traffic since_last_look{
      .calls = total.calls - (is_anew ? 0 : at_last_look_.calls),
      .failures = total.failures - (is_anew ? 0 : std::min(total.failures, at_last_look_.failures)),
      .hanging = total.hanging};
  at_last_look_ = total;
  const traffic lately =
      traffic_of(recent(collected, window_of_traffic), check_.traffic, check_.time_limit);
  if (lately.calls == 0) return false;
  traffic_ = judge(lately, check_.slow_from);
  return !check_.always_probes && traffic_->status == health_status::pass &&
         answers_calls(since_last_look);
}

void checked_component::not_begun(time_point tried, const std::string& reason) {
  run_ = nullptr;
  is_passive_ = false;
  due_ = tried + gap();
  take(failed_answer(fmt::format("it could not be asked: {}", reason), check_));
}

void checked_component::overdue(time_point begun, time_point seen) {
  due_ = seen + gap();
  const auto running = std::chrono::duration_cast<std::chrono::nanoseconds>(seen - begun);
  const auto time = recorder_.time().wall();
  if (hanging_since_ == std::chrono::system_clock::time_point{}) {
    hanging_since_ =
        time - std::chrono::duration_cast<std::chrono::system_clock::duration>(running);
  }
  is_passive_ = false;
  latency_ = running;
  take(failed_answer(fmt::format("the probe hangs: it has been running for {}, and may take {}",
                                 human_duration(running), human_duration(check_.time_limit)),
                     check_));
  due_ = seen + gap();  // perhaps sooner now
}

// A probe that was overdue has been counted as failed already.
void checked_component::ended(time_point /*begun*/, time_point ended) {
  const bool was_overdue =
      std::exchange(hanging_since_, {}) != std::chrono::system_clock::time_point{};
  const probe_run run = std::move(*std::exchange(run_, nullptr));
  duration_.record(static_cast<std::uint64_t>(run.took.count()));
  latency_ = run.took;
  if (!was_overdue) {
    is_passive_ = false;
    health_answer answer = run.error.has_value() ? failed_answer(*run.error, check_)
                                                 : run.answer.value_or(health_answer{});
    // A component that answers is not failing altogether, however its calls go.
    if (traffic_.has_value()) {
      answer.measurements.push_back(*traffic_);
      health_status& by_calls = answer.measurements.back().status;
      by_calls = std::min(by_calls, health_status::warn);
    }
    take(std::move(answer));
  }
  due_ = ended + gap();
}

void checked_component::take(health_answer answer) {
  const auto time = recorder_.time().wall();
  answer_ = in_lines(std::move(answer));
  answered_at_ = time;
  const health_measurement* const worst = decisive_of(answer_);
  const health_status answered = worst == nullptr ? health_status::pass : worst->status;
  for (const health_status bad :
       {health_status::unknown, health_status::warn, health_status::fail}) {
    if (health_rank(answered) >= health_rank(bad)) {
      explanations_[static_cast<std::size_t>(bad)] = {reason_in_words(*worst), worst->advice};
    }
  }
  const auto change = health_.take(answered, time);
  if (change.has_value()) report_change(*change);
}

void checked_component::report_change(const health_change& change) {
  const bool was_known =
      std::exchange(was_known_, was_known_ || change.after != health_status::unknown);
  const bool is_good_start = !was_known && change.after == health_status::pass;
  if (is_good_start || !change.is_news) return report_({}, report());
  finding news;
  news.kind = change.begins_to_flap   ? finding_kind::flapping
              : is_for_better(change) ? finding_kind::recovered
                                      : finding_kind::unhealthy;
  news.component = check_.component;
  news.message = sentence_of(change);
  news.advice = explained().advice;
  news.time = recorder_.time().wall();
  news.evidence.set({"status", to_string(change.after)});
  news.evidence.set({"before", to_string(change.before)});
  if (const health_measurement* const worst = decisive_of(answer_)) {
    news.evidence.set({"measurement", worst->name});
    if (worst->value.has_value()) news.evidence.set({worst->name, *worst->value});
  }
  report_(std::move(news), report());
}

// Of what the status is now; of one that was better before, why it was not.
const checked_component::explanation& checked_component::explained() const noexcept {
  return explanations_[static_cast<std::size_t>(health_.status())];
}

std::string checked_component::sentence_of(const health_change& change) const {
  const std::string needed = check_.needed_for.empty()
                                 ? std::string{}
                                 : fmt::format(", which is needed for {},", check_.needed_for);
  if (change.begins_to_flap) {
    return fmt::format(
        "{}{} is well and not well by turns: {} of the last {} answers were bad, the last one "
        "because {}",
        check_.component, needed, health_.bad_answers(), health_.answers(), explained().reason);
  }
  if (is_for_better(change)) {
    return fmt::format("{}{} is {} again, after {}", check_.component, needed,
                       change.after == health_status::pass ? "well" : "better",
                       human_duration(change.lasted));
  }
  return fmt::format("{}{} {}: {}", check_.component, needed,
                     change.after == health_status::fail      ? "fails"
                     : change.after == health_status::unknown ? "is not known to be well"
                                                              : "is not well",
                     explained().reason);
}

health_report checked_component::report() const {
  health_report result{.component = check_.component,
                       .needed_for = check_.needed_for,
                       .role = check_.role,
                       .status = health_.status(),
                       .since = health_.since(),
                       .reason = explained().reason,
                       .advice = explained().advice,
                       .measurements = answer_.measurements,
                       .time = answered_at_,
                       .latency = latency_,
                       .is_passive = is_passive_,
                       .is_flapping = health_.is_flapping(),
                       .hanging_since = hanging_since_};
  if (health_.is_flapping()) {
    result.reason = fmt::format("{} of the last {} answers were bad; the last time: {}",
                                health_.bad_answers(), health_.answers(), explained().reason);
  }
  return result;
}

void checked_component::show_status() const { show_status(health_.status()); }

void checked_component::show_status(health_status shown) const {
  for (std::size_t i = 0; i < status_.size(); ++i) {
    status_[i].set(static_cast<health_status>(i) == shown ? 1 : 0);
  }
}

}  // namespace querytap::detail
