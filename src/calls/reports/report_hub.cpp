#include "report_hub.hpp"

#include "../../base/seconds.hpp"
#include "../../recording/bounded_queue.hpp"
#include "../backend_state.hpp"
#include "../open_transaction.hpp"
#include "../request_series.hpp"
#include "make_reports.hpp"
#include "observed_pool.hpp"
#include "pending_report.hpp"
#include "repeated_requests.hpp"
#include "report_store.hpp"
#include "watched_pool.hpp"
#include "watched_transactions.hpp"

#include <querytap/analysis/requests/request_findings.hpp>
#include <querytap/base/human.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

// Of each kind, for a subscriber that does not take its feed.
constexpr std::size_t most_in_feed = 4096;
// Of pools, by name: an application that makes names up has them shown as one.
constexpr std::size_t most_pool_labels = 1000;

constinit thread_local std::uint64_t known_thread_number QUERYTAP_INITIAL_EXEC = 0;

void release_references(const pending_report& pending) noexcept {
  pending.statement->release();
  if (pending.request != nullptr) pending.request->release();
}

void release_transaction(pending_transaction* pending) noexcept {
  if (pending->request != nullptr) pending->request->release();
  delete pending;
}

finding hung_call(const call_report& report, std::chrono::system_clock::time_point time) {
  const double seconds = seconds_of(report.duration);
  finding result{.kind = finding_kind::hung,
                 .system = report.system,
                 .statement = report.statement,
                 .site = report.site,
                 .calls = 1,
                 .cost = report.duration};
  result.message = fmt::format("has been running for {}: {}", human_duration(report.duration),
                               report.statement->text);
  result.advice =
      "see what it waits for in the server's list of sessions; give its calls a time limit";
  result.evidence.set({"seconds", seconds});
  result.time = time;
  return result;
}

}  // namespace

struct report_hub::queues {
  bounded_queue<pending_report, 256> calls;
  bounded_queue<ledger*, 64> requests;
  // Of requests that only repeat calls: however many there are, the slow and failed ones find room.
  bounded_queue<ledger*, 64> repeating;
  bounded_queue<pending_transaction*, 64> transactions;
};

/// The calls in flight that are already reported.
struct report_hub::running_calls {
  struct entry {
    const in_flight_slot* slot;
    std::uint64_t begin;
    bool is_hung;
  };

  std::mutex mutex;  // one look at a time, of however many watches: the later one knows more
  std::vector<entry> reported;
};

report_hub::report_hub(recorder& recorder)
    : recorder_{recorder},
      rules_{recorder.options()},
      queues_{std::make_unique<queues>()},
      running_{std::make_unique<running_calls>()},
      left_out_{recorder.bind_counter(catalog::request_left_out, {})},
      store_{std::make_unique<report_store>()},
      repeated_{std::make_unique<repeated_requests>(recorder.time())},
      transactions_{std::make_unique<watched_transactions>()} {}

report_hub::~report_hub() {
  while (queues_->calls.pop([](const pending_report& pending) { release_references(pending); })) {
  }
  for (auto* const queue : {&queues_->requests, &queues_->repeating}) {
    while (queue->pop([](ledger* pending) { delete pending; })) {
    }
  }
  while (queues_->transactions.pop(release_transaction)) {
  }
}

std::uint64_t report_hub::thread_number() noexcept {
  if (known_thread_number == 0) known_thread_number = static_cast<std::uint64_t>(gettid());
  return known_thread_number;
}

void report_hub::report(const statement& statement, const call_data& call, const outcome* failure,
                        const call_extras& extras) noexcept {
  const bool has_room = queues_->calls.push([&](pending_report& pending) {
    pending.statement = &statement;
    statement.retain();
    pending.failure = failure;
    pending.call = call;
    pending.extras = extras;
    pending.pool_wait = last_pool_wait;
    pending.thread = thread_number();
    const ledger* const request = innermost_of(recorder_.id(), current_ledger);
    pending.request = request == nullptr ? nullptr : request->series();
    if (pending.request != nullptr) pending.request->retain();
    const trace_context* const trace =
        current_ledger == nullptr ? current_trace : &current_ledger->self();
    pending.has_trace = trace != nullptr;
    if (pending.has_trace) pending.trace = *trace;
  });
  if (!has_room) dropped_calls_.count.fetch_add(1, std::memory_order_relaxed);
}

bool report_hub::is_reportable(const ledger& ledger) const noexcept {
  return is_slow_or_failed(ledger) || ledger.has_duplicates() ||
         ledger.most_repeated() >= rules_.n_plus_one_from();
}

bool report_hub::is_slow_or_failed(const ledger& ledger) const noexcept {
  const std::uint64_t own = ledger.series()->slow_after();
  const std::uint64_t slow_after =
      own == request_series::no_threshold ? rules_.slow_request() : own;
  return ledger.outcome().failed() || ledger.nanoseconds() >= slow_after;
}

bool report_hub::report(ledger& ledger) noexcept {
  ledger.retain_statements();
  auto& queue = is_slow_or_failed(ledger) ? queues_->requests : queues_->repeating;
  const bool has_room = queue.push([&](auto& pending) { pending = &ledger; });
  if (!has_room) dropped_requests_.count.fetch_add(1, std::memory_order_relaxed);
  return has_room;
}

void report_hub::report(pending_transaction transaction) noexcept {
  const ledger* const request = innermost_of(recorder_.id(), current_ledger);
  auto* const pending = new (std::nothrow) pending_transaction{std::move(transaction)};
  if (pending != nullptr && request != nullptr) {
    pending->request = request->series();
    pending->request->retain();
  }
  const bool has_room =
      pending != nullptr && queues_->transactions.push([&](auto& slot) { slot = pending; });
  if (has_room) return;
  dropped_transactions_.count.fetch_add(1, std::memory_order_relaxed);
  if (pending != nullptr) release_transaction(pending);
}

void report_hub::drain() {
  const wall_times times{recorder_.time()};
  const auto publish_call = [&](const pending_report& pending) {
    const std::unique_ptr<const pending_report, void (*)(const pending_report*)> owner{
        &pending, [](const pending_report* done) { release_references(*done); }};
    publish(report_of(pending, times, recorder_.options().source_root));
  };
  while (queues_->calls.pop(publish_call)) {
  }
  const auto publish_request = [&](ledger* pending) {
    const std::unique_ptr<ledger> owner{pending};
    publish(report_of(*owner, recorder_.time(), times, recorder_.options().source_root));
  };
  while (queues_->requests.pop(publish_request)) {
  }
  const auto publish_repeating_request = [&](ledger* pending) {
    const std::unique_ptr<ledger> owner{pending};
    publish_repeating(report_of(*owner, recorder_.time(), times, recorder_.options().source_root));
  };
  while (queues_->repeating.pop(publish_repeating_request)) {
  }
  const auto publish_transaction = [&](pending_transaction* pending) {
    const std::unique_ptr<pending_transaction, void (*)(pending_transaction*)> owner{
        pending, release_transaction};
    for (finding& found :
         findings_of(*pending, rules_.idle_in_transaction(), recorder_.options().source_root)) {
      found.time = recorder_.time().wall();
      publish(std::move(found));
    }
  };
  while (queues_->transactions.pop(publish_transaction)) {
  }
}

void report_hub::publish(call_report report) {
  const parts_lock lock{recorder_};
  feed_subscribers(&report_feed::call_reports, store_->add(std::move(report)));
}

void report_hub::publish(request_report report) {
  const auto findings = request_findings(report, rules_.n_plus_one_from());
  {
    const parts_lock lock{recorder_};
    feed_subscribers(&report_feed::requests, store_->add(std::move(report)));
  }
  for (const finding& finding : findings) publish(finding);
}

void report_hub::publish_repeating(request_report report) {
  const auto findings = request_findings(report, rules_.n_plus_one_from());
  if (!findings.empty()) {
    const parts_lock lock{recorder_};
    if (repeated_->is_due(report, findings)) {
      feed_subscribers(&report_feed::requests, store_->add(std::move(report)));
    } else {
      left_out_.add();
    }
  }
  for (const finding& finding : findings) publish(finding);
}

void report_hub::publish(finding finding) {
  const counter findings_of_kind = recorder_.bind_counter(
      catalog::finding_count, {{"querytap.finding.kind", to_string(finding.kind)}});
  findings_of_kind.add();
  const parts_lock lock{recorder_};
  if (auto stored = store_->add(std::move(finding))) {
    feed_subscribers(&report_feed::findings, stored);
  }
}

template <class Value>
void report_hub::feed_subscribers(std::vector<Value> report_feed::*list, const Value& value) {
  for (const auto& subscriber : subscribers_) {
    const auto feed = subscriber.lock();
    if (feed == nullptr) continue;
    if (((*feed).*list).size() < most_in_feed) {
      ((*feed).*list).push_back(value);
    } else {
      dropped_from_feeds_.count.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void report_hub::amend(std::uint64_t number, const std::function<void(call_report&)>& change) {
  const parts_lock lock{recorder_};
  store_->amend(number, change);
}

std::shared_ptr<report_feed> report_hub::subscribe() {
  auto feed = std::make_shared<report_feed>();
  const parts_lock lock{recorder_};
  std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
  subscribers_.push_back(feed);
  return feed;
}

report_feed report_hub::take(report_feed& feed) {
  const parts_lock lock{recorder_};
  return std::exchange(feed, {});
}

void report_hub::register_backend(backend_state& backend) {
  const parts_lock lock{recorder_};
  const bool is_known = std::ranges::find(backends_, &backend) != backends_.end();
  if (is_known) return;
  backends_.push_back(&backend);
  backend.apply_rules();
}

void report_hub::register_pool(observed_pool& pool) {
  const parts_lock lock{recorder_};
  pools_.emplace_back(pool);
}

void report_hub::unregister_pool(const observed_pool& pool) noexcept {
  const parts_lock lock{recorder_};
  std::erase_if(pools_, [&](const watched_pool& watched) { return watched.is(pool); });
}

std::string_view report_hub::label_of_pool(std::string_view name) {
  const parts_lock lock{recorder_};
  std::string label = fmt::format("pool {}", name);
  const bool has_room = pool_labels_.size() < most_pool_labels || pool_labels_.contains(label);
  return *pool_labels_.insert(has_room ? std::move(label) : "pool _OTHER").first;
}

std::vector<pool_report> report_hub::look_at_pools() {
  const auto time = recorder_.time().wall();
  std::vector<pool_report> states;
  std::vector<finding> found;
  left_out_.add(0);  // pools count leaks: no thread takes its first lane under the lock
  {
    const parts_lock lock{recorder_};
    for (watched_pool& pool : pools_) states.push_back(pool.look(time, found));
  }
  for (finding& finding : found) publish(std::move(finding));
  return states;
}

void report_hub::watch(const std::shared_ptr<const open_transaction>& transaction,
                       const backend_state& backend) {
  const parts_lock lock{recorder_};
  transactions_->add(transaction, backend);
}

void report_hub::look_at_transactions() {
  std::vector<finding> found;
  {
    const parts_lock lock{recorder_};
    transactions_->look(recorder_.time(), rules_.idle_in_transaction(),
                        recorder_.options().source_root, found);
  }
  for (finding& idle : found) {
    idle.time = recorder_.time().wall();
    publish(std::move(idle));
  }
}

void report_hub::report_running() {
  static_cast<void>(look_at_pools());
  look_at_transactions();
  const std::lock_guard one_look_at_a_time{running_->mutex};
  const std::chrono::nanoseconds hung_after{static_cast<std::int64_t>(rules_.hung_after())};
  const std::vector<slow_call_in_flight> slow_calls = recorder_.slow_calls_in_flight(hung_after);
  const wall_times times{recorder_.time()};  // after the calls: none of them begins later
  std::vector<running_calls::entry> still_running;
  for (const slow_call_in_flight& slow : slow_calls) {
    running_calls::entry running{slow.slot, slow.begin, false};
    const auto& reported = running_->reported;
    const auto before = std::ranges::find_if(reported, [&](const running_calls::entry& known) {
      return known.slot == running.slot && known.begin == running.begin;
    });
    const bool is_new = before == reported.end();
    if (!is_new) running.is_hung = before->is_hung;
    const std::optional<call_report> report = report_of_running(slow, times);
    if (!report) continue;
    if (is_new) publish(*report);
    if (slow.call.age >= hung_after && !std::exchange(running.is_hung, true)) {
      publish(hung_call(*report, recorder_.time().wall()));
    }
    still_running.push_back(running);
  }
  running_->reported = std::move(still_running);
}

// Nothing for a call past the series limit, whose slot does not say which statement it is of.
std::optional<call_report> report_hub::report_of_running(const slow_call_in_flight& running,
                                                         const wall_times& times) {
  const active_call& call = running.call;
  if (call.statement == nullptr) return std::nullopt;
  const backend_state* const backend = find_backend(call);
  if (backend == nullptr) return std::nullopt;
  const backend_options& options = backend->options();
  call_report report{.reason = report_reason::running,
                     .system = options.system,
                     .database = options.database,
                     .database_file = backend->file(),
                     .server_address = options.server_address,
                     .server_port = options.server_port,
                     .statement = call.statement,
                     .start = times.at(running.begin),
                     .duration = call.age,
                     .threshold = running.slow_after};
  report.phases[phase::execute] = call.age;
  report.site = call.site;
  return report;
}

// By the labels of its calls, because a port without an address is reported, but no label.
const backend_state* report_hub::find_backend(const active_call& call) {
  const parts_lock lock{recorder_};
  const auto known = std::ranges::find_if(backends_, [&](const backend_state* backend) {
    return backend->attributes_of(*call.statement) == call.series->labels;
  });
  return known == backends_.end() ? nullptr : *known;
}

// A queued report refers to its statement, which would never be retired where no one calls drain().
void report_hub::release_idle(const series_usage& /*usage*/) { drain(); }

void report_hub::add_to(snapshot& snapshot) {
  drain();
  snapshot.pools = look_at_pools();
  look_at_transactions();
  {
    const parts_lock lock{recorder_};
    store_->add_to(snapshot);
    add_dropped(snapshot);
  }
}

// To the recorder's own part of this metric, which is made anew for each snapshot; the series stay the
// same, so that a reader of differences finds the one before.
void report_hub::add_dropped(snapshot& snapshot) {
  const auto place = std::ranges::find_if(snapshot.metrics, [](const auto& metric) {
    return metric->instrument->name == catalog::dropped.name;
  });
  if (place == snapshot.metrics.end()) return;
  auto with_ours = std::make_shared<metric>(**place);
  for (dropped_reports* const dropped :
       {&dropped_calls_, &dropped_requests_, &dropped_transactions_, &dropped_from_feeds_}) {
    if (dropped->series == nullptr) {
      dropped->series = std::make_shared<const series_identity>(series_identity{
          &catalog::dropped, {{"querytap.reason", dropped->reason}}, snapshot.start});
    }
    const auto count = dropped->count.load(std::memory_order_relaxed);
    with_ours->points.push_back(
        {dropped->series, nullptr, nullptr, static_cast<std::int64_t>(count)});
  }
  *place = std::move(with_ours);
}

// A thread that does not exist in the child may have been in the middle of a push: the parent's
// queues are left as they are, with all that is in them.
void report_hub::start_from_zero() noexcept {
  known_thread_number = 0;
  for (dropped_reports* const dropped :
       {&dropped_calls_, &dropped_requests_, &dropped_transactions_, &dropped_from_feeds_}) {
    dropped->count.store(0, std::memory_order_relaxed);
    dropped->series = nullptr;
  }
  subscribers_.clear();  // the watches of the parent; those of the child subscribe anew
  try {
    auto fresh = std::make_unique<queues>();
    auto none_running = std::make_unique<running_calls>();
    static_cast<void>(queues_.release());
    static_cast<void>(running_.release());  // a watch of the parent may hold its mutex
    queues_ = std::move(fresh);
    running_ = std::move(none_running);
  } catch (const std::bad_alloc&) {
    return;
  }
  store_->clear();
  repeated_->clear();
  for (watched_pool& pool : pools_) pool.start_from_zero();
  transactions_->start_from_zero();
}

}  // namespace querytap::detail
