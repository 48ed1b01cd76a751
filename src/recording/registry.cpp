#include "registry.hpp"

#include "../base/unique_id.hpp"
#include "resource.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/error.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace querytap::detail {
namespace {

bool takes_thresholds(const instrument& what) {
  return what.kind == instrument_kind::histogram && what.unit == "s";
}

std::vector<double> seconds_of(const std::vector<std::chrono::nanoseconds>& times) {
  std::vector<double> seconds;
  for (const std::chrono::nanoseconds time : times) {
    seconds.push_back(static_cast<double>(time.count()) / 1e9);
  }
  return seconds;
}

recorder_options validated(recorder_options options) {
  options.warn = nullptr;  // a registry outlives what may be captured
  if (options.series_limit == 0) {
    throw configuration_error{"series_limit", "0", "expected at least 1"};
  }
  if (options.retire_idle_after < std::chrono::nanoseconds::zero()) {
    throw configuration_error{"retire_idle_after",
                              fmt::format("{} ns", options.retire_idle_after.count()),
                              "expected a time of 0 or more"};
  }
  if (options.slow_request < std::chrono::nanoseconds::zero()) {
    throw configuration_error{"slow_request", fmt::format("{} ns", options.slow_request.count()),
                              "expected a time of 0 or more"};
  }
  if (options.n_plus_one_from < 2) {
    throw configuration_error{"n_plus_one_from", fmt::format("{}", options.n_plus_one_from),
                              "expected at least 2"};
  }
  if (options.byte_limit == 0) {
    throw configuration_error{"byte_limit", "0", "expected at least 1"};
  }
  options.disabled = !is_compiled_in || options.disabled || environment_flag("OTEL_SDK_DISABLED");
  const std::vector<double> thresholds = seconds_of(options.slo_thresholds);
  if (!thresholds.empty()) {
    // The layouts are thrown away: a threshold that fits none is refused here, not when it is
    // bound.
    for (const instrument* what : catalog::all) {
      if (takes_thresholds(*what)) static_cast<void>(bucket_layout::make(*what, thresholds));
    }
  }
  return options;
}

constexpr std::string_view overflow_key = "otel.metric.overflow";

// What the series of instruments still to come are sure to find.
constexpr std::size_t reserved_series = 1024;

}  // namespace

// Lengths keep {"a": "b=c"} and {"a=b": "c"} apart.
std::string registry::key_of(const instrument& what, const attributes& where) {
  std::string key{what.name};
  for (const attribute& item : where) {
    const std::string value = to_string(item.value);
    key += fmt::format("|{}:{}={}:{}:{}", item.key.size(), item.key, item.value.index(),
                       value.size(), value);
  }
  return key;
}

registry::registry(const recorder_options& options)
    : id_{next_unique_id()},
      options_{validated(options)},
      time_{options_.time != nullptr ? options_.time : &clock::process()},
      resource_{resource_of(options.service_name, options.warn)},
      start_{time_->wall()} {}

registry::~registry() = default;

series& registry::bind(const instrument& what, const attributes& where,
                       const std::shared_ptr<const statement_identity>& statement) {
  if (!enabled()) return no_series;
  std::string key = key_of(what, where);
  if (statement != nullptr) key += fmt::format("|{:016x}", statement->fingerprint);

  const std::lock_guard lock{mutex_};
  instrument_state& state = state_of(what);
  if (where.find(overflow_key) != nullptr) return *state.overflow;
  if (const auto known = series_by_key_.find(key); known != series_by_key_.end()) {
    ++known->second->holders;
    return *known->second;
  }
  if (state.bound.size() >= options_.series_limit || !has_room_for_series()) {
    ++state.refused;
    return *state.overflow;
  }
  identity_state& exported = intern(what, where);
  series& fresh = add_series(state, exported.identity, statement);
  ++exported.bound;
  fresh.holders = 1;
  fresh.overflow = state.overflow;
  fresh.key = std::move(key);
  state.bound.push_back(&fresh);
  remember_system(*fresh.identity);
  series_by_key_.emplace(fresh.key, &fresh);
  return fresh;
}

bool registry::has_room_for_series() const noexcept {
  return !free_series_.empty() || all_series_.size() + reserved_series < lane_directory::capacity;
}

registry::instrument_state& registry::state_of(const instrument& what) {
  const auto [place, fresh] =
      instrument_by_name_.try_emplace(std::string{what.name}, instruments_.size());
  if (!fresh) {
    instrument_state& known = instruments_[place->second];
    if (known.instrument->kind != what.kind || known.instrument->unit != what.unit) {
      throw std::invalid_argument{
          fmt::format("querytap: instrument '{}' is already bound as a {} in '{}'", what.name,
                      to_string(known.instrument->kind), known.instrument->unit)};
    }
    return known;
  }
  instrument_state& state = instruments_.emplace_back();
  state.instrument = &what;
  state.layout = layout_of(what);
  state.overflow = &add_series(state, intern(what, {{overflow_key, true}}).identity, nullptr);
  return state;
}

std::shared_ptr<const bucket_layout> registry::layout_of(const instrument& what) const {
  if (what.kind != instrument_kind::histogram) return nullptr;
  for (const instrument_state& other : instruments_) {
    const bool same = other.layout != nullptr && other.instrument->unit == what.unit &&
                      std::equal(what.bounds.begin(), what.bounds.end(),
                                 other.instrument->bounds.begin(), other.instrument->bounds.end());
    if (same) return other.layout;
  }
  return bucket_layout::make(
      what, takes_thresholds(what) ? seconds_of(options_.slo_thresholds) : std::vector<double>{});
}

series& registry::add_series(const instrument_state& state,
                             std::shared_ptr<const series_identity> identity,
                             std::shared_ptr<const statement_identity> statement) {
  series& fresh = new_series();
  fresh.layout = state.layout.get();
  fresh.shared_layout = state.layout;
  fresh.home = this;
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

registry::identity_state& registry::intern(const instrument& what, const attributes& where) {
  identity_state& state = identities_[key_of(what, where)];
  if (state.identity == nullptr) {
    state.identity =
        std::make_shared<const series_identity>(series_identity{&what, where, time_->wall()});
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
    free_lanes_.reserve(lanes_.size() + 1);  // so that giving it back cannot fail
    return lanes_.emplace_back(std::make_unique<lane>(id_, no_cells_, bytes_, options_.byte_limit))
        .get();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void registry::give_back(lane& from) noexcept {
  const std::lock_guard lock{mutex_};
  free_lanes_.push_back(&from);
}

void registry::record_without_lane(series& to, std::uint64_t value) noexcept {
  const std::lock_guard lock{shared_lane_mutex_};
  if (shared_lane_ == nullptr) shared_lane_ = lease_lane();
  if (shared_lane_ == nullptr || !shared_lane_->record(to, value)) count_dropped();
}

void registry::add_without_lane(series& to, std::uint64_t amount) noexcept {
  const std::lock_guard lock{shared_lane_mutex_};
  if (shared_lane_ == nullptr) shared_lane_ = lease_lane();
  if (shared_lane_ == nullptr || !shared_lane_->add(to, amount)) count_dropped();
}

snapshot registry::collect() {
  std::unique_lock one_at_a_time{collect_mutex_};
  const std::uint64_t begin = time_->ticks();
  snapshot result{.resource = resource_, .time = time_->wall()};
  if (!enabled()) return result;
  std::vector<metric> own;
  std::vector<std::pair<const instrument*, std::vector<series*>>> bound;
  std::vector<lane*> lanes;
  {
    const std::lock_guard lock{mutex_};
    if (has_identities_of_parent_) renew_identities();
    result.start = start_;
    for (const instrument_state& state : instruments_) {
      bound.emplace_back(state.instrument, state.bound).second.push_back(state.overflow);
    }
    for (const auto& one : lanes_) lanes.push_back(one.get());
    result.active = find_active(lanes, *time_);
    own = self_metrics();
    own.push_back(active_operations(result.active));
  }
  for (metric& one : own) result.metrics.push_back(std::make_shared<const metric>(std::move(one)));
  for (const auto& [what, all] : bound) {
    result.metrics.push_back(collector_.collect(*what, all, lanes, begin));
  }
  std::erase_if(result.metrics, [](const auto& one) { return one->points.empty(); });
  collections_.fetch_add(1, std::memory_order_relaxed);
  longest_collection_ = std::max(longest_collection_, time_->ticks() - begin);
  for (const auto& owner : live_owners()) owner->add_to(result);
  if (time_->nanoseconds_between(last_retirement_, begin) >= time_between_retirements()) {
    last_retirement_ = begin;
    retire_idle(begin);
  }
  // A record may end a registry that nobody else holds: that waits for a fork, which waits for
  // collections.
  one_at_a_time.unlock();
  collect_duration_.record(time_->nanoseconds_between(begin, time_->ticks()));
  return result;
}

std::vector<call_in_flight> registry::calls_in_flight() {
  std::vector<call_in_flight> found;
  const std::lock_guard lock{mutex_};
  for_each_in_flight(lanes_, [&](const series& of, const in_flight_slot& slot) {
    if (!is_operation(of)) return;
    found.push_back(
        {&slot, &of, of.identity, of.statement, slot.begin.load(std::memory_order_relaxed),
         slot.file.load(std::memory_order_relaxed), slot.line.load(std::memory_order_relaxed)});
  });
  return found;
}

// In the order in which they are nested everywhere else.
void registry::lock_all() {
  collect_mutex_.lock();
  owners_mutex_.lock();
  shared_lane_mutex_.lock();
  mutex_.lock();
}

void registry::unlock_all() noexcept {
  mutex_.unlock();
  shared_lane_mutex_.unlock();
  owners_mutex_.unlock();
  collect_mutex_.unlock();
}

// A thread that is not here may have been in the middle of a record: its cells are never read
// again.
void registry::start_from_zero() noexcept {
  for (auto& inherited : lanes_) lanes_of_parent_.push_back(std::move(inherited));
  lanes_.clear();
  free_lanes_.clear();
  shared_lane_ = nullptr;
  collector_ = collector{};
  for (const auto& owner : owners_) {
    if (const auto one = owner.lock()) one->start_from_zero();
  }
  if (!closed()) start_ = time_->wall();  // a clock that was lent goes with the recorder
  has_identities_of_parent_ = true;
}

// Not until the child collects: most children are other programs at once. Identities are replaced,
// not changed, since snapshots hold them.
void registry::renew_identities() {
  // Keeps the old ones, so that no new one gets the address of another.
  absl::flat_hash_map<std::shared_ptr<const series_identity>,
                      std::shared_ptr<const series_identity>>
      renewed;
  const auto renew = [&](std::shared_ptr<const series_identity>& one) {
    if (one == nullptr) return;
    auto& own = renewed[one];
    if (own == nullptr) {
      own = std::make_shared<const series_identity>(
          series_identity{one->instrument, one->labels, start_});
    }
    one = own;
  };
  for (series& one : all_series_) renew(one.identity);
  for (auto& [key, state] : identities_) renew(state.identity);
  has_identities_of_parent_ = false;
}

std::shared_ptr<void> registry::find_part(std::type_index type, std::string_view key) {
  const std::lock_guard lock{mutex_};
  const auto found = parts_.find(fmt::format("{}|{}", type.name(), key));
  return found == parts_.end() ? nullptr : found->second;
}

std::shared_ptr<void> registry::keep_part(std::type_index type, std::string_view key,
                                          std::shared_ptr<void> part) {
  const std::lock_guard lock{mutex_};
  return parts_.try_emplace(fmt::format("{}|{}", type.name(), key), std::move(part)).first->second;
}

// Parts refer to the recorder, so they end with it, not with the last thread that holds a lane.
void registry::close() noexcept {
  closed_.store(true, std::memory_order_release);
  decltype(parts_) parts;
  const std::lock_guard lock{mutex_};
  parts.swap(parts_);
}

}  // namespace querytap::detail
