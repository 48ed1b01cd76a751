#include <querytap/calls/backend.hpp>

#include "../base/unique_id.hpp"
#include "backend_state.hpp"
#include "past_limit.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace querytap {
namespace {

backend_options validated_backend_options(const backend_options& options) {
  if (options.system.empty()) {
    throw configuration_error{"system", "", "expected a database system name"};
  }
  const bool is_adaptive = options.slow_multiple > 0;
  if (!(options.slow_multiple == 0 ||
        (options.slow_multiple >= 1 && options.slow_multiple < 1e6))) {
    throw configuration_error{"slow_multiple", fmt::format("{}", options.slow_multiple),
                              "expected 0, or 1 to 1,000,000"};
  }
  if (options.slow_threshold < std::chrono::nanoseconds::zero() ||
      (options.slow_threshold == std::chrono::nanoseconds::zero() && !is_adaptive)) {
    throw configuration_error{"slow_threshold",
                              fmt::format("{} ns", options.slow_threshold.count()),
                              "expected a positive time"};
  }
  if (options.quotes.columns != nullptr) {
    throw configuration_error{"quotes", "columns", "expected none: they are a connection's"};
  }
  backend_options valid = options;
  if (options.kind != backend_kind::database) valid.dialect = dialect::named;
  return valid;
}

std::string backend_key(const backend_options& options) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", options.system,
                     static_cast<int>(options.kind), options.database, options.server_address,
                     options.server_port, static_cast<int>(options.dialect),
                     options.slow_threshold.count(), options.slow_multiple,
                     options.describe_parameters, detail::index_of(options.quotes));
}

std::uint64_t count_nanoseconds(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(time.count());
}

std::uint64_t fixed_threshold(const backend_options& options) {
  const std::uint64_t fixed = count_nanoseconds(options.slow_threshold);
  return fixed == 0 ? detail::never_slow : fixed;
}

}  // namespace

namespace detail {
namespace {

std::array<std::uint64_t, count_of_quotings> unique_ids_for_quotings() noexcept {
  std::array<std::uint64_t, count_of_quotings> ids{};
  for (std::uint64_t& id : ids) id = next_unique_id();
  return ids;
}

}  // namespace

backend_state::backend_state(querytap::recorder& recorder, const backend_options& options)
    : recorder_{recorder},
      options_{validated_backend_options(options)},
      hub_{recorder.part<report_hub>()},
      cache_owner_{next_unique_id()},
      owners_by_quoting_{unique_ids_for_quotings()},
      slow_threshold_{fixed_threshold(options_)},
      others_{*new statement{*this,
                             std::make_shared<const statement_identity>(statement_identity{
                                 .text = "(other statements)", .backend = options_.kind}),
                             overflow_labels()}} {}

attributes backend_state::attributes_of(const statement_identity& identity) const {
  const call_convention& names = call_convention::find(identity);
  const auto [operation, target] = split_summary(identity.summary);
  attributes labels;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!key.empty() && !value.empty()) labels.set({key, value});
  };
  add(names.system, options_.system);
  add(names.database, options_.database);
  add(names.summary, identity.summary);
  add(names.operation, operation);
  add(names.target, target);
  // The conventions of MongoDB require the parts of the summary.
  if (options_.dialect == dialect::mongodb) {
    add("db.operation.name", operation);
    if (!identity.tables.empty()) add("db.collection.name", identity.tables.front());
  }
  if (!options_.server_address.empty()) {
    labels.set({"server.address", options_.server_address});
    if (options_.server_port != 0) labels.set({"server.port", options_.server_port});
  }
  return labels;
}

const statement* backend_state::plain_statement(std::string_view sql) const noexcept {
  if (!others_->enabled()) return others_.get();
  return static_cast<const statement*>(lookup_cache::find(cache_owner_, sql));
}

// Equal texts are different statements where the settings of two connections differ: each way to
// read a text that depends on them has its own place in the cache.
const statement& backend_state::statement_for(std::string_view sql,
                                              const quoting& quotes) noexcept {
  const bool depends = depends_on_quoting(sql, options_.dialect);
  const std::uint64_t owner = depends ? owners_by_quoting_[index_of(quotes)] : cache_owner_;
  if (depends) {
    if (const ref_counted* known = lookup_cache::find(owner, sql)) {
      return static_cast<const statement&>(*known);
    }
  }
  try {
    const statement_handle found = find_or_make(sql, quotes);
    return lookup_cache::insert(owner, sql, *found) ? *found : *others_;
  } catch (const std::exception&) {
    return *others_;  // no memory
  }
}

statement_handle backend_state::find_or_make(std::string_view sql, const quoting& quotes) {
  statement_identity known = identify(sql, options_.dialect, quotes);
  known.backend = options_.kind;
  auto identity = std::make_shared<const statement_identity>(std::move(known));
  const std::uint64_t fingerprint = identity->fingerprint;
  const parts_lock lock{recorder_};
  if (statement_handle heavy = overflowed_.find(fingerprint)) return heavy;
  statement_handle found = statements_.find_or_make(fingerprint, [&] {
    const attributes labels = attributes_of(*identity);
    return statement_handle{*new statement{*this, std::move(identity), labels}};
  });
  if (found->is_overflow()) overflowed_.add(found);
  if (hub_.rules().of_statement(options_.dialect, fingerprint)) apply_rules_to(*found);
  return found;
}

void backend_state::release_idle(const series_usage& usage) {
  const parts_lock lock{recorder_};
  if (statements_.release_idle(usage)) overflowed_.clear();
}

void backend_state::add_to(snapshot& snapshot) {
  const parts_lock lock{recorder_};
  overflowed_.add_to(snapshot);
  if (options_.slow_multiple > 0) adapt_thresholds(snapshot);
}

// Without memory for a series a phase goes uncounted.
void backend_state::record_phase(std::string_view name, std::uint64_t nanoseconds) noexcept {
  try {
    find_or_make_phase(name).record(nanoseconds);
  } catch (const std::exception&) {
    return;
  }
}

const transaction_series& backend_state::transactions() {
  if (const transaction_series* known = transactions_.find(true)) return *known;
  return transactions_.add(true, transaction_series{recorder_, options_.system});
}

void backend_state::add_file(std::uint64_t number) noexcept {
  constexpr std::uint64_t several = UINT64_MAX;
  std::uint64_t known = 0;
  if (file_.compare_exchange_strong(known, number, std::memory_order_relaxed)) return;
  if (known != number) file_.store(several, std::memory_order_relaxed);
}

void backend_state::record_phase(phase phase, std::uint64_t nanoseconds) noexcept {
  try {
    total_of(phase).record(nanoseconds);
  } catch (const std::exception&) {
    return;
  }
}

void backend_state::record_phases(const call_data& call) noexcept {
  if (!call.has_phases) return record_phase(call.current_phase, call.nanoseconds);
  for (std::size_t i = 0; i < phases; ++i) {
    const std::uint64_t spent = call.phase_nanoseconds[i];
    if (spent != 0) record_phase(static_cast<phase>(i), spent);
  }
}

const histogram& backend_state::total_of(phase phase) {
  const histogram* const known = phases_.find(phase);
  return known != nullptr ? *known : phases_.add(phase, bind_phase(to_string(phase)));
}

const histogram& backend_state::find_or_make_phase(std::string_view name) {
  for (std::size_t i = 0; i < phases; ++i) {
    const auto phase = static_cast<querytap::phase>(i);
    if (name == to_string(phase)) return total_of(phase);
  }
  if (const histogram* known = other_phases_.find(name)) return *known;
  if (other_phases_.full() && name != other_name) return find_or_make_phase(other_name);
  return other_phases_.add(std::string{name}, bind_phase(name));
}

histogram backend_state::bind_phase(std::string_view name) {
  return recorder_.bind_histogram(with_fitting_bounds(catalog::phase_duration, options_.system),
                                  {{"db.system.name", options_.system}, {"querytap.phase", name}});
}

void backend_state::apply_rules() {
  slow_threshold_.store(hub_.rules().of_system(options_.system).value_or(fixed_threshold(options_)),
                        std::memory_order_relaxed);
  others_->set_slow_threshold(slow_threshold());
  const auto apply = [this](const statement_handle& statement) { apply_rules_to(*statement); };
  statements_.for_each(apply);
  overflowed_.for_each(apply);
}

void backend_state::apply_rules(std::uint64_t fingerprint) {
  const auto apply = [&](const statement_handle& statement) {
    if (statement->identity().fingerprint == fingerprint) apply_rules_to(*statement);
  };
  statements_.for_each(apply);
  overflowed_.for_each(apply);
}

void backend_state::apply_rules_to(const statement& statement) const {
  const auto own = hub_.rules().of_statement(options_.dialect, statement.identity().fingerprint);
  statement.set_slow_threshold(own.value_or(slow_threshold()));
}

// The series of failed calls are left out: they do not show what a statement mostly takes.
void backend_state::adapt_thresholds(const snapshot& snapshot) {
  constexpr std::uint64_t calls_enough = 100;
  constexpr double shortest = 1e-3;
  absl::flat_hash_map<const statement_identity*, const histogram_data*> durations;
  std::vector<point> points;
  for (const auto& metric : snapshot.metrics) {
    if (is_call_duration(*metric->instrument))
      std::ranges::copy(metric->points, std::back_inserter(points));
  }
  for (const point& p : points) {
    const bool counts = p.series->labels.find("error.type") == nullptr && p.histogram != nullptr &&
                        p.histogram->count() >= calls_enough;
    if (!counts) continue;
    // Calls of other phases than `execute` alone, and those that each model answered, have a point of their own:
    // what most calls take counts.
    const histogram_data*& most = durations[p.statement.get()];
    if (most == nullptr || most->count() < p.histogram->count()) most = p.histogram.get();
  }
  statements_.for_each([&](const statement_handle& statement) {
    const auto known = durations.find(statement->shared_identity().get());
    if (known == durations.end()) return;
    // A decorator has said that its calls wait for others.
    if (statement->slow_threshold() == never_slow && slow_threshold() != never_slow) return;
    if (hub_.rules().of_statement(options_.dialect, statement->identity().fingerprint)) return;
    const double seconds =
        std::max(shortest, options_.slow_multiple * known->second->quantile(0.99));
    statement->set_slow_threshold(
        std::min(slow_threshold(), static_cast<std::uint64_t>(std::min(seconds, 1e9) * 1e9)));
  });
}

}  // namespace detail

backend::backend(recorder& recorder, const backend_options& options)
    : state_{&recorder.part<detail::backend_state>(backend_key(options), options)} {
  state_->hub().register_backend(*state_);
}

const statement& backend::statement_for(std::string_view sql) const noexcept {
  return statement_for(sql, [this] { return options().quotes; });
}

const statement* backend::plain_statement(std::string_view sql) const noexcept {
  return state_->plain_statement(sql);
}

const statement& backend::statement_under(std::string_view sql,
                                          const quoting& quotes) const noexcept {
  return state_->statement_for(sql, quotes);
}

void backend::record_phase(std::string_view phase, std::chrono::nanoseconds spent) const {
  state_->record_phase(phase, count_nanoseconds(std::max(spent, std::chrono::nanoseconds::zero())));
}

void backend::add_file(std::uint64_t number) const noexcept { state_->add_file(number); }

const clock& backend::time() const noexcept { return state_->recorder().time(); }

const backend_options& backend::options() const noexcept { return state_->options(); }

}  // namespace querytap
