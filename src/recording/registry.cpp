#include "registry.hpp"

#include "../base/checked_time.hpp"
#include "../base/seconds.hpp"
#include "../base/text.hpp"
#include "../base/unique_id.hpp"
#include "in_flight_calls.hpp"
#include "resource.hpp"
#include "thread_lanes.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/error.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace querytap::detail {
namespace {

// An age is in seconds, but no duration.
bool takes_thresholds(const instrument& instrument) {
  return instrument.kind == instrument_kind::histogram && instrument.unit == "s" &&
         instrument.name != catalog::retrieval_source_age.name;
}

std::vector<double> thresholds_in_seconds(const recorder_options& options) {
  std::vector<double> seconds;
  for (const std::chrono::nanoseconds threshold : options.slo_thresholds) {
    seconds.push_back(seconds_of(threshold));
  }
  return seconds;
}

// A list of what is wanted before it is stable, of all conventions.
bool wants_latest_gen_ai() {
  const std::string wanted = environment("OTEL_SEMCONV_STABILITY_OPT_IN").value_or("");
  std::string_view left = wanted;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(','), left.size());
    if (trimmed(left.substr(0, end)) == "gen_ai_latest_experimental") return true;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return false;
}

recorder_options validated_options(recorder_options options) {
  options.warn = nullptr;  // the registry may outlive what the function has captured
  if (options.series_limit == 0) {
    throw configuration_error{"series_limit", "0", "expected at least 1"};
  }
  static_cast<void>(checked_time("retire_idle_after", options.retire_idle_after, any_time));
  static_cast<void>(checked_time("slow_request", options.slow_request, any_time));
  static_cast<void>(checked_time("hung_after", options.hung_after, positive_time));
  static_cast<void>(
      checked_time("idle_in_transaction", options.idle_in_transaction, positive_time));
  if (options.n_plus_one_from < 2) {
    throw configuration_error{"n_plus_one_from", fmt::format("{}", options.n_plus_one_from),
                              "expected at least 2"};
  }
  if (options.byte_limit == 0) {
    throw configuration_error{"byte_limit", "0", "expected at least 1"};
  }
  options.disabled = !is_compiled_in || options.disabled || environment_flag("OTEL_SDK_DISABLED");
  if (wants_latest_gen_ai()) options.gen_ai_names = gen_ai_names::latest;
  const std::vector<double> thresholds = thresholds_in_seconds(options);
  if (!thresholds.empty()) {
    // These layouts are discarded: they only check the thresholds now, not at the first binding.
    const auto check = [&](const instrument* instrument) {
      if (takes_thresholds(*instrument))
        static_cast<void>(bucket_layout::make(*instrument, thresholds));
    };
    std::ranges::for_each(catalog::all, check);
    std::ranges::for_each(catalog::in_process::all, check);
  }
  return options;
}

// Of a pool, which the child still has, say. The exporters' own are made anew with their threads.
bool lives_on(const instrument& instrument) {
  return instrument.kind == instrument_kind::up_down_counter &&
         !instrument.name.starts_with("otel.sdk.");
}

constexpr std::string_view overflow_key = "otel.metric.overflow";

// Reserved for the overflow series of further instruments.
constexpr std::size_t reserved_series = 1024;

}  // namespace

// The lengths distinguish {"a": "b=c"} from {"a=b": "c"}.
std::string registry::key_of(const instrument& instrument, const attributes& labels) {
  std::string key{instrument.name};
  for (const attribute& item : labels) {
    const std::string value = to_string(item.value);
    key += fmt::format("|{}:{}={}:{}:{}", item.key.size(), item.key, item.value.index(),
                       value.size(), value);
  }
  return key;
}

registry::registry(const recorder_options& options, const void* copy)
    : id_{next_unique_id()},
      copy_{copy},
      warn_{options.warn},
      options_{validated_options(options)},
      time_{options_.time != nullptr ? options_.time : &clock::process()},
      resource_{make_resource(options.service_name, options.warn)},
      start_{time_->wall()},
      start_ticks_{time_->ticks()},
      last_collection_{start_ticks_} {}

registry::~registry() = default;

series& registry::bind(const instrument& instrument, const attributes& labels,
                       const std::shared_ptr<const statement_identity>& statement,
                       const series* total) {
  if (!enabled()) return no_series;
  std::string key = key_of(instrument, labels);
  if (statement != nullptr) key += fmt::format("|{:016x}", statement->fingerprint);
  if (total != nullptr) key += fmt::format("|of {}", total->index);

  const std::lock_guard lock{mutex_};
  instrument_state& state = state_of(instrument);
  if (total != nullptr) expect_total_of(instrument, *total);
  if (labels.find(overflow_key) != nullptr) return *state.overflow;
  if (const auto known = series_by_key_.find(key); known != series_by_key_.end()) {
    ++known->second->bindings;
    return *known->second;
  }
  if (state.bound.size() >= options_.series_limit || !has_room_for_series()) {
    ++state.refused;
    ++state.not_yet_blamed;
    return *state.overflow;
  }
  // What may throw comes first: afterwards the series is there as a whole, or not at all.
  auto layout = layout_of(instrument);
  identity_state& exported = intern(*state.instrument, labels);
  if (exported.layout == nullptr) exported.layout = std::move(layout);
  register_system(*exported.identity);
  series_by_key_.reserve(series_by_key_.size() + 1);
  state.bound.push_back(nullptr);
  absl::Cleanup leave_out = [&state] { state.bound.pop_back(); };
  series& fresh = add_series(exported.layout, exported.identity, statement);
  std::move(leave_out).Cancel();
  ++exported.bound;
  fresh.bindings = 1;
  fresh.overflow = state.overflow;
  fresh.total = total;
  fresh.key = std::move(key);
  state.bound.back() = &fresh;
  series_by_key_.emplace(fresh.key, &fresh);
  return fresh;
}

void registry::expect_total_of(const instrument& parts, const series& total) {
  if (total.home != this || total.layout == nullptr ||
      total.identity->instrument->unit != parts.unit) {
    throw std::invalid_argument{fmt::format(
        "querytap: instrument '{}' cannot be a part of a total in another unit", parts.name)};
  }
  state_of(*total.identity->instrument).has_totals = true;
}

bool registry::has_room_for_series() const noexcept {
  return !free_series_.empty() || all_series_.size() + reserved_series < lane_directory::capacity;
}

registry::instrument_state& registry::state_of(const instrument& instrument) {
  const auto place = instrument_by_name_.find(std::string{instrument.name});
  if (place != instrument_by_name_.end()) {
    instrument_state& known = instruments_[place->second];
    if (known.instrument->kind != instrument.kind || known.instrument->unit != instrument.unit) {
      throw std::invalid_argument{
          fmt::format("querytap: instrument '{}' is already bound as a {} in '{}'", instrument.name,
                      to_string(known.instrument->kind), known.instrument->unit)};
    }
    return known;
  }
  // Entered once it is whole: bounds may be unusable, and memory may run out.
  instrument_state fresh{.instrument = &instrument, .layout = layout_of(instrument)};
  const auto& identity = intern(instrument, {{overflow_key, true}}).identity;
  instrument_by_name_.reserve(instrument_by_name_.size() + 1);
  instrument_state& state = instruments_.emplace_back(std::move(fresh));
  absl::Cleanup leave_out = [this] { instruments_.pop_back(); };
  state.overflow = &add_series(state.layout, identity, nullptr);
  instrument_by_name_.emplace(std::string{instrument.name}, instruments_.size() - 1);
  std::move(leave_out).Cancel();
  return state;
}

std::shared_ptr<const bucket_layout> registry::layout_of(const instrument& instrument) {
  if (instrument.kind != instrument_kind::histogram) return nullptr;
  for (const auto& [other, layout] : layouts_) {
    if (other->unit == instrument.unit && std::ranges::equal(other->bounds, instrument.bounds))
      return layout;
  }
  auto made =
      bucket_layout::make(instrument, takes_thresholds(instrument) ? thresholds_in_seconds(options_)
                                                                   : std::vector<double>{});
  return layouts_.emplace_back(&instrument, std::move(made)).second;
}

series& registry::add_series(std::shared_ptr<const bucket_layout> layout,
                             std::shared_ptr<const series_identity> identity,
                             std::shared_ptr<const statement_identity> statement) {
  series& fresh = new_series();
  fresh.layout = layout.get();
  fresh.shared_layout = std::move(layout);
  fresh.home = this;
  // Of a series that was retired, they may be another instrument's.
  fresh.overflow = nullptr;
  fresh.total = nullptr;
  fresh.identity = std::move(identity);
  fresh.statement = std::move(statement);
  return fresh;
}

series& registry::new_series() {
  if (!free_series_.empty()) {
    series& again = *free_series_.back();
    free_series_.pop_back();
    return again;
  }
  if (all_series_.size() == lane_directory::capacity) {
    throw std::length_error{"querytap: too many instruments"};
  }
  series& fresh = all_series_.emplace_back();
  fresh.recorder_id = id_;
  fresh.index = static_cast<std::uint32_t>(all_series_.size() - 1);
  fresh.position = {static_cast<std::uint16_t>(fresh.index / lane_directory::chunk_size),
                    static_cast<std::uint16_t>(fresh.index % lane_directory::chunk_size)};
  return fresh;
}

registry::identity_state& registry::intern(const instrument& instrument, const attributes& labels) {
  identity_state& state = identities_[key_of(instrument, labels)];
  if (state.identity == nullptr) {
    state.identity = std::make_shared<const series_identity>(
        series_identity{&instrument, labels, time_->wall()});
  }
  return state;
}

lane* registry::lease_lane() noexcept {
  try {
    const std::lock_guard lock{mutex_};
    if (!free_lanes_.empty()) {
      lane* again = free_lanes_.back();
      free_lanes_.pop_back();
      return again;
    }
    free_lanes_.reserve(lanes_.size() + 1);  // so that return_lane() cannot fail
    if (shared_cells_ == nullptr) {
      shared_cells_ = std::make_unique<shared_cells>(bytes_, options_.byte_limit);
    }
    return lanes_
        .emplace_back(
            std::make_unique<lane>(id_, no_cells_, *shared_cells_, bytes_, options_.byte_limit))
        .get();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void registry::return_lane(lane& lane) noexcept {
  const std::lock_guard lock{mutex_};
  free_lanes_.push_back(&lane);
}

void registry::record_without_lane(series& series, std::uint64_t value) noexcept {
  const std::lock_guard lock{shared_lane_mutex_};
  if (shared_lane_ == nullptr) shared_lane_ = lease_lane();
  if (shared_lane_ == nullptr || !shared_lane_->record(series, value)) count_dropped();
}

void registry::add_without_lane(series& series, std::uint64_t amount) noexcept {
  const std::lock_guard lock{shared_lane_mutex_};
  if (shared_lane_ == nullptr) shared_lane_ = lease_lane();
  if (shared_lane_ == nullptr || !shared_lane_->add(series, amount)) count_dropped();
}

snapshot registry::collect() {
  // Here, not at a record below: to make room for it, a thread may have to destroy another registry, whose
  // destructor waits for a fork in progress, which waits for collections to end.
  if (enabled()) lease_to_this_thread(*this);
  std::unique_lock one_at_a_time{collect_mutex_};
  const std::uint64_t begin = time_->ticks();
  snapshot result{.resource = resource_, .time = time_->wall()};
  if (!enabled()) return result;
  std::vector<metric> self;
  std::vector<bound_series> bound;
  std::vector<lane*> lanes;
  {
    const std::lock_guard lock{mutex_};
    if (has_identities_of_parent_) renew_identities();
    result.start = start_;
    result.span = std::chrono::nanoseconds{
        static_cast<std::int64_t>(time_->nanoseconds_between(start_ticks_, begin))};
    for (const instrument_state& state : instruments_) {
      std::vector<series*>& all =
          bound.emplace_back(bound_series{state.instrument, state.has_totals, {}}).all;
      all.reserve(state.bound.size() + 1);  // they would be copied twice
      all.assign(state.bound.begin(), state.bound.end());
      all.push_back(state.overflow);
    }
    lanes = all_lanes();
    result.active = find_active(lanes, *time_, options_.source_root);
    result.active_requests = find_active_requests(lanes, *time_);
    self = self_metrics();
    self.push_back(active_operations(result.active));
  }
  for (metric& own : self) result.metrics.push_back(std::make_shared<const metric>(std::move(own)));
  {
    const evictions_held held{lanes};
    collect_into(result, bound, lanes, begin);
  }
  std::erase_if(result.metrics, [](const auto& metric) { return metric->points.empty(); });
  result.retired = collector_.retired();
  collections_.fetch_add(1, std::memory_order_relaxed);
  longest_collection_ = std::max(longest_collection_, time_->ticks() - begin);
  for (recorder_part* const part : all_parts()) part->add_to(result);
  keep_history(result);
  last_collection_ = begin;
  if (time_->nanoseconds_between(last_retirement_, begin) >= time_between_retirements()) {
    last_retirement_ = begin;
    retire_idle(begin);
  }
  one_at_a_time.unlock();
  collect_duration_.record(time_->nanoseconds_between(begin, time_->ticks()));
  return result;
}

// Totals after their parts, and all in the order of the instruments.
void registry::collect_into(snapshot& result, const std::vector<bound_series>& bound,
                            std::span<lane* const> lanes, std::uint64_t ticks) {
  const std::size_t own = result.metrics.size();
  result.metrics.resize(own + bound.size());
  for (const bool totals : {false, true}) {
    for (std::size_t i = 0; i < bound.size(); ++i) {
      if (bound[i].has_totals != totals) continue;
      result.metrics[own + i] =
          collector_.collect(*bound[i].instrument, bound[i].all, lanes, ticks);
    }
  }
}

// Once the parts have added what they have, so that nothing is new only to the history.
void registry::keep_history(snapshot& collected) {
  if (options_.history_byte_limit == 0) return;
  if (history_ == nullptr) {
    history_ = std::make_shared<const snapshot_history>(options_.history_byte_limit);
  }
  if (history_->is_due(collected)) {
    auto longer = std::make_shared<snapshot_history>(*history_);  // snapshots refer to the old one
    longer->add(collected);
    history_ = std::move(longer);
  }
  collected.history = history_;
}

bool registry::needs_collection() {
  constexpr std::uint64_t longest_gap = 30'000'000'000;  // nanoseconds: half of the shortest window
  if (!enabled() || options_.history_byte_limit == 0) return false;
  const std::lock_guard one_at_a_time{collect_mutex_};
  return time_->nanoseconds_between(last_collection_, time_->ticks()) >= longest_gap;
}

// Under the lock of collections, for which a fork waits: the clock's own is never held at a fork.
void registry::check_clock() {
  if (!enabled()) return;
  std::string amiss;
  {
    const std::lock_guard one_at_a_time{collect_mutex_};
    amiss = time_->check();
  }
  if (!amiss.empty()) warn_or_print(warn_, amiss);
}

std::vector<slow_call_in_flight> registry::slow_calls_in_flight(std::uint64_t unlimited_after) {
  std::vector<slow_call_in_flight> found;
  const std::lock_guard lock{mutex_};
  // Before the slots are read: a call that begins meanwhile has no age, so no threshold is too low
  // for it.
  const std::uint64_t ticks = time_->ticks();
  for_each_in_flight(lanes_, [&](const series& series, const in_flight_slot& slot) {
    const std::uint64_t published = slot.slow_after.load(std::memory_order_acquire);
    const std::uint64_t slow_after = published == never_slow ? unlimited_after : published;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    const std::uint64_t age = time_->nanoseconds_between(begin, ticks);
    if (age <= slow_after || !is_operation(series)) return;
    found.push_back({&slot, begin, std::chrono::nanoseconds{static_cast<std::int64_t>(slow_after)},
                     active_call_in(slot, series, age, options_.source_root)});
  });
  return found;
}

// In the order in which all other functions nest these locks.
void registry::lock_all() {
  collect_mutex_.lock();
  parts_mutex_.lock();
  shared_lane_mutex_.lock();
  mutex_.lock();
}

void registry::unlock_all() noexcept {
  mutex_.unlock();
  shared_lane_mutex_.unlock();
  parts_mutex_.unlock();
  collect_mutex_.unlock();
}

// A thread of the parent may have been in the middle of a record: the child never reads the cells
// of the parent. What an up-down counter shows is a state, not a count of events: it lives on.
void registry::start_from_zero() noexcept {
  if (!closed()) {  // the instruments of a recorder that has ended may be gone, with the plugin they were in
    for (series& series : all_series_) carry_state(series);
    abandon_requests();
  }
  for (instrument_state& state : instruments_) {
    state.refused = state.not_yet_blamed = 0;
    state.at_fault = nullptr;
    state.refused_by.clear();
  }
  dropped_.store(0, std::memory_order_relaxed);
  clamped_.store(0, std::memory_order_relaxed);
  not_shown_.store(0, std::memory_order_relaxed);
  for (auto& inherited : lanes_) lanes_of_parent_.push_back(std::move(inherited));
  lanes_.clear();
  free_lanes_.clear();
  if (shared_cells_ != nullptr) shared_cells_of_parent_.push_back(std::move(shared_cells_));
  for (series& series : all_series_) series.shared.store(nullptr, std::memory_order_relaxed);
  shared_lane_ = nullptr;
  collector_ = series_collector{};
  history_ = nullptr;
  for (const auto& part : parts_) part->start_from_zero();
  if (!closed()) {  // a clock that was lent goes with the recorder
    start_ = time_->wall();
    start_ticks_ = last_collection_ = time_->ticks();
  }
  has_identities_of_parent_ = true;
}

// The requests of threads that the child does not have. One may yet end here, if it was handed over: it
// sees by its slot that its ledger, whose statements nothing keeps from being retired now, is void.
void registry::abandon_requests() const noexcept {
  const lane* const own = lane_of_this_thread(id_);
  for (const auto& lane : lanes_) {
    if (lane.get() == own) continue;
    for (in_flight_slot& slot : lane->in_flight) {
      const series* const series = slot.series.load(std::memory_order_acquire);
      if (series != nullptr && is_request(*series)) {
        slot.begin.store(UINT64_MAX, std::memory_order_relaxed);
      }
    }
  }
}

void registry::carry_state(series& series) const noexcept {
  if (series.identity == nullptr || !lives_on(*series.identity->instrument)) return;
  std::uint64_t sum = 0;
  for (const auto& lane : lanes_) {
    const auto* const count = lane->find_counter(series.position, std::memory_order_acquire);
    if (count != nullptr) sum += count->load(std::memory_order_relaxed);
  }
  series.state.fetch_add(static_cast<std::int64_t>(sum), std::memory_order_relaxed);
}

// Not before the child collects: most children soon execute another program. Identities are
// replaced, not changed, since snapshots refer to them.
void registry::renew_identities() {
  // Retains the old identities, so that no new identity gets the address of an old one.
  absl::flat_hash_map<std::shared_ptr<const series_identity>,
                      std::shared_ptr<const series_identity>>
      renewed;
  const auto renew = [&](std::shared_ptr<const series_identity>& identity) {
    if (identity == nullptr) return;
    auto& own = renewed[identity];
    if (own == nullptr) {
      own = std::make_shared<const series_identity>(
          series_identity{identity->instrument, identity->labels, start_});
    }
    identity = own;
  };
  for (series& series : all_series_) renew(series.identity);
  for (auto& [key, state] : identities_) renew(state.identity);
  has_identities_of_parent_ = false;
}

void registry::expect_this_copy(const void* copy) noexcept {
  if (copy == copy_ || has_warned_of_copy_.exchange(true, std::memory_order_relaxed)) return;
  warn_or_print(
      warn_,
      "a plugin uses this recorder with a copy of the library of its own: its calls are counted, "
      "but for no request of the program; link both with querytap's shared libraries");
}

recorder_part* registry::find_part(std::string_view type, std::string_view key) {
  const std::string name = fmt::format("{}|{}", type, key);
  const std::lock_guard lock{mutex_};
  const auto known = part_by_key_.find(name);
  return known == part_by_key_.end() ? nullptr : known->second;
}

recorder_part& registry::add_part(std::string_view type, std::string_view key,
                                  std::unique_ptr<recorder_part> part) {
  const std::string name = fmt::format("{}|{}", type, key);
  const std::lock_guard lock{mutex_};
  if (const auto known = part_by_key_.find(name); known != part_by_key_.end())
    return *known->second;
  parts_.reserve(parts_.size() + 1);  // so that nothing throws once the part can be found
  part_by_key_.emplace(name, part.get());
  return *parts_.emplace_back(std::move(part));
}

std::vector<recorder_part*> registry::all_parts() {
  const std::lock_guard lock{mutex_};
  std::vector<recorder_part*> parts;
  parts.reserve(parts_.size());
  for (const auto& part : parts_) parts.push_back(part.get());
  return parts;
}

// Parts refer to the recorder, so they end with it, not with the last thread that holds a lane; and
// to parts made before them, so the last one made ends first.
void registry::close() noexcept {
  closed_.store(true, std::memory_order_release);
  warn_ = nullptr;
  {
    const std::lock_guard one_at_a_time{collect_mutex_};
    history_ = nullptr;
  }
  decltype(parts_) parts;
  {
    const std::lock_guard lock{mutex_};
    part_by_key_.clear();
    parts.swap(parts_);
  }
  while (!parts.empty()) parts.pop_back();
}

}  // namespace querytap::detail
