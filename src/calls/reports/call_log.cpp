#include "call_log.hpp"

#include "../backend_state.hpp"
#include "../kept_map.hpp"
#include "../request_series.hpp"
#include "call_memory.hpp"
#include "call_record.hpp"
#include "told_values.hpp"

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

void let_go(const call_record& one) noexcept {
  one.of->let_go();
  if (one.request != nullptr) one.request->let_go();
}

finding hung_call(const slow_query& of, std::chrono::system_clock::time_point now) {
  const double seconds = std::chrono::duration<double>{of.duration}.count();
  finding result{.kind = finding_kind::hung,
                 .system = of.system,
                 .statement = of.statement,
                 .where = of.where,
                 .calls = 1,
                 .cost = of.duration};
  result.message =
      fmt::format("has been running for {}: {}", human_duration(seconds), of.statement->text);
  result.advice =
      "see what it waits for in the server's list of sessions; give its calls a time limit";
  result.evidence.set({"seconds", seconds});
  result.time = now;
  return result;
}

}  // namespace

struct call_log::rings {
  hand_over_ring<call_record, 256> calls;
  hand_over_ring<ledger*, 64> requests;
};

call_log::call_log(recorder& of)
    : recorder_{of}, rings_{std::make_unique<rings>()}, memory_{std::make_unique<call_memory>()} {}

call_log::~call_log() {
  while (rings_->calls.pop([](const call_record& one) { let_go(one); })) {
  }
  while (rings_->requests.pop([](ledger* one) { delete one; })) {
  }
}

std::shared_ptr<call_log> call_log::of(recorder& of) { return shared_owner<call_log>(of, ""); }

void call_log::tell(const told_call& one) noexcept {
  const bool has_room = rings_->calls.push([&](call_record& to) {
    to.of = &one.of;
    one.of.hold();
    to.failure = one.failure;
    to.call = one.call;
    to.extras = one.extras;
    to.pool_wait = last_pool_wait;
    to.thread = number_of_thread();
    to.request = current_ledger == nullptr ? nullptr : current_ledger->series();
    if (to.request != nullptr) to.request->hold();
    const trace_context* const trace =
        current_ledger == nullptr ? current_trace : &current_ledger->self();
    to.has_trace = trace != nullptr;
    if (to.has_trace) to.trace = *trace;
  });
  if (!has_room) dropped_calls_.fetch_add(1, std::memory_order_relaxed);
}

bool call_log::wants(const ledger& of) const noexcept {
  const recorder_options& options = recorder_.options();
  return of.how().failed() || of.has_duplicates() ||
         of.nanoseconds() >= static_cast<std::uint64_t>(options.slow_request.count()) ||
         of.most_repeated() >= options.n_plus_one_from;
}

bool call_log::tell(ledger& of) noexcept {
  of.hold_statements();
  const bool has_room = rings_->requests.push([&](ledger*& to) { to = &of; });
  if (!has_room) dropped_requests_.fetch_add(1, std::memory_order_relaxed);
  return has_room;
}

void call_log::drain() {
  const wall_times times{recorder_.time()};
  const auto take_call = [&](const call_record& from) {
    const std::unique_ptr<const call_record, void (*)(const call_record*)> holder{
        &from, [](const call_record* one) { let_go(*one); }};
    tell(value_of(from, times));
  };
  while (rings_->calls.pop(take_call)) {
  }
  const auto take_request = [&](ledger* from) {
    const std::unique_ptr<ledger> owned{from};
    tell(value_of(*owned, recorder_.time(), times));
  };
  while (rings_->requests.pop(take_request)) {
  }
}

void call_log::tell(slow_query one) {
  const owners_lock lock{recorder_};
  publish(&call_news::slow_queries, memory_->add(std::move(one)));
}

void call_log::tell(request_report one) {
  const auto found = request_findings(one, recorder_.options().n_plus_one_from);
  {
    const owners_lock lock{recorder_};
    publish(&call_news::requests, memory_->add(std::move(one)));
  }
  for (const finding& each : found) tell(each);
}

void call_log::tell(finding one) {
  const counter of_its_kind = recorder_.bind_counter(
      catalog::finding_count, {{"querytap.finding.kind", name_of(one.kind)}});
  of_its_kind.add();
  const owners_lock lock{recorder_};
  if (auto news = memory_->add(std::move(one))) publish(&call_news::findings, std::move(news));
}

template <class Value>
void call_log::publish(std::vector<Value> call_news::*list, Value one) {
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

void call_log::amend(std::uint64_t number, const std::function<void(slow_query&)>& change) {
  const owners_lock lock{recorder_};
  memory_->amend(number, change);
}

std::shared_ptr<call_news> call_log::subscribe() {
  auto news = std::make_shared<call_news>();
  const owners_lock lock{recorder_};
  std::erase_if(subscribers_, [](const auto& one) { return one.expired(); });
  subscribers_.push_back(news);
  return news;
}

call_news call_log::take_news(call_news& of) {
  const owners_lock lock{recorder_};
  return std::exchange(of, {});
}

void call_log::know(const std::shared_ptr<backend_state>& backend) {
  const owners_lock lock{recorder_};
  const auto is_it = [&](const auto& one) { return one.lock() == backend; };
  if (std::ranges::none_of(backends_, is_it)) backends_.push_back(backend);
}

void call_log::tell_running() {
  const std::vector<call_in_flight> calls = recorder_.calls_in_flight();
  const std::uint64_t now = recorder_.time().ticks();
  std::vector<running_call> still_running;
  for (const call_in_flight& call : calls) {
    const auto age = std::chrono::nanoseconds{
        static_cast<std::int64_t>(recorder_.time().nanoseconds_between(call.begin, now))};
    running_call known{call.slot, call.begin, false};
    const auto before = std::ranges::find_if(running_, [&](const running_call& one) {
      return one.slot == known.slot && one.begin == known.begin;
    });
    const bool is_new = before == running_.end();
    if (!is_new) known.is_hung = before->is_hung;
    const std::optional<slow_query> told = as_running(call, age);
    if (!told) continue;
    if (is_new) tell(*told);
    if (age >= hung_after && !std::exchange(known.is_hung, true)) {
      tell(hung_call(*told, recorder_.time().wall()));
    }
    still_running.push_back(known);
  }
  running_ = std::move(still_running);
}

// Nothing if it may take longer.
std::optional<slow_query> call_log::as_running(const call_in_flight& call,
                                               std::chrono::nanoseconds age) {
  const owners_lock lock{recorder_};
  for (const auto& known : backends_) {
    const auto backend = known.lock();
    if (backend == nullptr) continue;
    const statement_handle of = backend->find_shown_as(*call.what);
    if (!of) continue;
    const std::chrono::nanoseconds threshold{static_cast<std::int64_t>(of->slow_threshold())};
    if (age <= threshold) return std::nullopt;
    const backend_options& options = backend->options();
    slow_query to{.what = call_class::running,
                  .system = options.system,
                  .name_space = options.name_space,
                  .server_address = options.server_address,
                  .server_port = options.server_port,
                  .statement = of->shared_identity(),
                  .start = wall_times{recorder_.time()}.at(call.begin),
                  .duration = age,
                  .threshold = threshold};
    to.phases[phase::execute] = age;
    to.where = {call.file, call.line};
    return to;
  }
  return std::nullopt;
}

// What was handed over holds its statement, and would keep it for ever where nobody collects.
void call_log::release_idle(const series_usage& /*now*/) { drain(); }

void call_log::add_to(snapshot& now) {
  drain();
  {
    const owners_lock lock{recorder_};
    memory_->add_to(now);
  }
  add_dropped(now);
}

// The recorder's own part of this metric is made anew for each snapshot.
void call_log::add_dropped(snapshot& now) {
  const auto place = std::ranges::find_if(
      now.metrics, [](const auto& one) { return one->what->name == catalog::dropped.name; });
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
void call_log::start_from_zero() noexcept {
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
