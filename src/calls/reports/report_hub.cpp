#include "report_hub.hpp"

#include "../../base/seconds.hpp"
#include "../backend_state.hpp"
#include "../request_series.hpp"
#include "../retirable_map.hpp"
#include "make_reports.hpp"
#include "pending_report.hpp"
#include "report_store.hpp"

#include <querytap/analysis/requests/request_findings.hpp>
#include <querytap/base/human.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap::detail {
namespace {

// Of each kind, for a subscriber that does not come.
constexpr std::size_t most_news = 4096;
// From here on a call is not only slow.
constexpr std::chrono::seconds hung_after{30};

std::uint64_t number_of_thread() noexcept {
  static constinit thread_local std::uint64_t number QUERYTAP_INITIAL_EXEC = 0;
  if (number == 0) number = static_cast<std::uint64_t>(gettid());
  return number;
}

void release(const pending_report& one) noexcept {
  one.statement->release();
  if (one.request != nullptr) one.request->release();
}

finding hung_call(const call_report& of, std::chrono::system_clock::time_point now) {
  const double seconds = seconds_of(of.duration);
  finding result{.kind = finding_kind::hung,
                 .system = of.system,
                 .statement = of.statement,
                 .site = of.site,
                 .calls = 1,
                 .cost = of.duration};
  result.message =
      fmt::format("has been running for {}: {}", human_duration(of.duration), of.statement->text);
  result.advice =
      "see what it waits for in the server's list of sessions; give its calls a time limit";
  result.evidence.set({"seconds", seconds});
  result.time = now;
  return result;
}

}  // namespace

struct report_hub::rings {
  bounded_queue<pending_report, 256> calls;
  bounded_queue<ledger*, 64> requests;
};

report_hub::report_hub(recorder& of)
    : recorder_{of}, rings_{std::make_unique<rings>()}, memory_{std::make_unique<report_store>()} {}

report_hub::~report_hub() {
  while (rings_->calls.pop([](const pending_report& one) { release(one); })) {
  }
  while (rings_->requests.pop([](ledger* one) { delete one; })) {
  }
}

std::shared_ptr<report_hub> report_hub::of(recorder& of) {
  return shared_owner<report_hub>(of, "");
}

void report_hub::report(const reported_call& one) noexcept {
  const bool has_room = rings_->calls.push([&](pending_report& to) {
    to.statement = &one.statement;
    one.statement.retain();
    to.failure = one.failure;
    to.call = one.call;
    to.extras = one.extras;
    to.pool_wait = last_pool_wait;
    to.thread = number_of_thread();
    to.request = current_ledger == nullptr ? nullptr : current_ledger->series();
    if (to.request != nullptr) to.request->retain();
    const trace_context* const trace =
        current_ledger == nullptr ? current_trace : &current_ledger->self();
    to.has_trace = trace != nullptr;
    if (to.has_trace) to.trace = *trace;
  });
  if (!has_room) dropped_calls_.fetch_add(1, std::memory_order_relaxed);
}

bool report_hub::wants(const ledger& of) const noexcept {
  const recorder_options& options = recorder_.options();
  return of.how().failed() || of.has_duplicates() ||
         of.nanoseconds() >= static_cast<std::uint64_t>(options.slow_request.count()) ||
         of.most_repeated() >= options.n_plus_one_from;
}

bool report_hub::report(ledger& of) noexcept {
  of.hold_statements();
  const bool has_room = rings_->requests.push([&](ledger*& to) { to = &of; });
  if (!has_room) dropped_requests_.fetch_add(1, std::memory_order_relaxed);
  return has_room;
}

void report_hub::drain() {
  const wall_times times{recorder_.time()};
  const auto take_call = [&](const pending_report& from) {
    const std::unique_ptr<const pending_report, void (*)(const pending_report*)> holder{
        &from, [](const pending_report* one) { release(*one); }};
    report(value_of(from, times));
  };
  while (rings_->calls.pop(take_call)) {
  }
  const auto take_request = [&](ledger* from) {
    const std::unique_ptr<ledger> owned{from};
    report(value_of(*owned, recorder_.time(), times));
  };
  while (rings_->requests.pop(take_request)) {
  }
}

void report_hub::report(call_report one) {
  const owners_lock lock{recorder_};
  publish(&report_feed::call_reports, memory_->add(std::move(one)));
}

void report_hub::report(request_report one) {
  const auto found = request_findings(one, recorder_.options().n_plus_one_from);
  {
    const owners_lock lock{recorder_};
    publish(&report_feed::requests, memory_->add(std::move(one)));
  }
  for (const finding& each : found) report(each);
}

void report_hub::report(finding one) {
  const counter of_its_kind = recorder_.bind_counter(
      catalog::finding_count, {{"querytap.finding.kind", to_string(one.kind)}});
  of_its_kind.add();
  const owners_lock lock{recorder_};
  if (auto news = memory_->add(std::move(one))) publish(&report_feed::findings, std::move(news));
}

template <class Value>
void report_hub::publish(std::vector<Value> report_feed::*list, Value one) {
  for (const auto& subscriber : subscribers_) {
    const auto news = subscriber.lock();
    if (news == nullptr) continue;
    if (((*news).*list).size() < most_news) {
      ((*news).*list).push_back(one);
    } else {
      dropped_news_.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void report_hub::amend(std::uint64_t number, const std::function<void(call_report&)>& change) {
  const owners_lock lock{recorder_};
  memory_->amend(number, change);
}

std::shared_ptr<report_feed> report_hub::subscribe() {
  auto news = std::make_shared<report_feed>();
  const owners_lock lock{recorder_};
  std::erase_if(subscribers_, [](const auto& one) { return one.expired(); });
  subscribers_.push_back(news);
  return news;
}

report_feed report_hub::take(report_feed& of) {
  const owners_lock lock{recorder_};
  return std::exchange(of, {});
}

void report_hub::know(const std::shared_ptr<backend_state>& backend) {
  const owners_lock lock{recorder_};
  const auto is_it = [&](const auto& one) { return one.lock() == backend; };
  if (std::ranges::none_of(backends_, is_it)) backends_.push_back(backend);
}

void report_hub::report_running() {
  const std::vector<call_in_flight> calls = recorder_.calls_in_flight();
  const std::uint64_t now = recorder_.time().ticks();
  std::vector<known_running_call> still_running;
  for (const call_in_flight& call : calls) {
    const auto age = std::chrono::nanoseconds{
        static_cast<std::int64_t>(recorder_.time().nanoseconds_between(call.begin, now))};
    known_running_call known{call.slot, call.begin, false};
    const auto before = std::ranges::find_if(running_, [&](const known_running_call& one) {
      return one.slot == known.slot && one.begin == known.begin;
    });
    const bool is_new = before == running_.end();
    if (!is_new) known.is_hung = before->is_hung;
    const std::optional<call_report> reported = as_running(call, age);
    if (!reported) continue;
    if (is_new) report(*reported);
    if (age >= hung_after && !std::exchange(known.is_hung, true)) {
      report(hung_call(*reported, recorder_.time().wall()));
    }
    still_running.push_back(known);
  }
  running_ = std::move(still_running);
}

// Nothing if it may take longer.
std::optional<call_report> report_hub::as_running(const call_in_flight& call,
                                                  std::chrono::nanoseconds age) {
  const owners_lock lock{recorder_};
  for (const auto& known : backends_) {
    const auto backend = known.lock();
    if (backend == nullptr) continue;
    const statement_handle of = backend->find_shown_as(*call.series);
    if (!of) continue;
    const std::chrono::nanoseconds threshold{static_cast<std::int64_t>(of->slow_threshold())};
    if (age <= threshold) return std::nullopt;
    const backend_options& options = backend->options();
    call_report to{.reason = report_reason::running,
                   .system = options.system,
                   .database = options.database,
                   .server_address = options.server_address,
                   .server_port = options.server_port,
                   .statement = of->shared_identity(),
                   .start = wall_times{recorder_.time()}.at(call.begin),
                   .duration = age,
                   .threshold = threshold};
    to.phases[phase::execute] = age;
    to.site = {call.file, call.line};
    return to;
  }
  return std::nullopt;
}

// What was handed over holds its statement, and would keep it for ever where nobody collects.
void report_hub::release_idle(const series_usage& /*now*/) { drain(); }

void report_hub::add_to(snapshot& now) {
  drain();
  {
    const owners_lock lock{recorder_};
    memory_->add_to(now);
  }
  add_dropped(now);
}

// The recorder's own part of this metric is made anew for each snapshot.
void report_hub::add_dropped(snapshot& now) {
  const auto place = std::ranges::find_if(
      now.metrics, [](const auto& one) { return one->instrument->name == catalog::dropped.name; });
  if (place == now.metrics.end()) return;
  auto with_ours = std::make_shared<metric>(**place);
  const auto add = [&](std::string_view what, const std::atomic<std::uint64_t>& count) {
    const attributes where{{"querytap.reason", what}};
    with_ours->points.push_back({std::make_shared<const series_identity>(
                                     series_identity{&catalog::dropped, where, now.start}),
                                 nullptr, nullptr,
                                 static_cast<std::int64_t>(count.load(std::memory_order_relaxed))});
  };
  add("slow_query", dropped_calls_);
  add("request", dropped_requests_);
  add("news", dropped_news_);
  *place = std::move(with_ours);
}

// A thread that is not here may have been in the middle of handing something over: its ring is left
// where it is, and so is what the parent's calls told.
void report_hub::start_from_zero() noexcept {
  try {
    auto fresh = std::make_unique<rings>();
    static_cast<void>(rings_.release());
    rings_ = std::move(fresh);
  } catch (const std::bad_alloc&) {
    return;
  }
  memory_->clear();
  running_.clear();
  for (const auto& subscriber : subscribers_) {
    if (const auto news = subscriber.lock()) *news = {};
  }
}

}  // namespace querytap::detail
