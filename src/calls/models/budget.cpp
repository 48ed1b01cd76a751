#include <querytap/calls/models/budget.hpp>

#include "../../base/saturating.hpp"
#include "../past_limit.hpp"
#include "../reports/report_hub.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/finding.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <utility>

namespace querytap {
namespace detail {

/// The account of one tenant.
///
/// Threads  any number at once.
class budget_state {
 public:
  budget_state(recorder& recorder, std::string tenant)
      : recorder_{recorder},
        tenant_{std::move(tenant)},
        spent_gauge_{recorder.bind_gauge(catalog::gen_ai::budget_spent, labels())},
        limit_gauge_{recorder.bind_gauge(catalog::gen_ai::budget_limit, labels())} {}

  /// Of all tenants past the limit of tenants: it has no limit.
  [[nodiscard]] bool is_shared() const noexcept { return tenant_.empty(); }

  [[nodiscard]] std::int64_t spent(budget_period period) noexcept {
    return begin_period(period).spent.load(std::memory_order_relaxed);
  }

  void count_cost(money cost, std::string_view provider, std::string_view model) noexcept {
    try {
      cost_of(provider, model).add(static_cast<std::uint64_t>(cost.nanodollars));
    } catch (const std::exception&) {
      return;  // no memory for the series
    }
  }

  void show_limit(money limit) const noexcept {
    if (!is_shared()) limit_gauge_.set(limit.nanodollars);
  }

  // The first call past the limit finds the sum below it before its own cost was added.
  void add(money cost, const budget_options& options) noexcept {
    for (const budget_period period :
         {budget_period::day, budget_period::month, budget_period::never}) {
      const auto [before, after] = add_to(begin_period(period), cost.nanodollars);
      if (period != options.period) continue;
      spent_gauge_.set(after);
      const std::int64_t limit = options.limit.nanodollars;
      if (before <= limit && after > limit) report({tenant_, {after}, options.limit});
    }
  }

 private:
  // What has been spent since a day, a month, or the account began.
  struct period_account {
    // ORDER  relaxed, both: sums for people. Nothing else is published with them.
    std::atomic<std::int64_t> spent{0};
    std::atomic<std::int64_t> period{0};
  };
  struct sum_change {
    std::int64_t before;
    std::int64_t after;
  };

  // A sum that an absurd number of tokens has driven to the end of its range stays there.
  [[nodiscard]] static sum_change add_to(period_account& account, std::int64_t cost) noexcept {
    std::int64_t before = account.spent.load(std::memory_order_relaxed);
    while (!account.spent.compare_exchange_weak(before, saturating_sum(before, cost),
                                                std::memory_order_relaxed)) {
    }
    return {before, saturating_sum(before, cost)};
  }

  struct provider_and_model {
    std::string provider;
    std::string model;
    friend bool operator==(const provider_and_model&, const provider_and_model&) = default;
    friend bool operator==(const provider_and_model& a,
                           const std::pair<std::string_view, std::string_view>& b) {
      return a.provider == b.first && a.model == b.second;
    }
  };

  [[nodiscard]] const counter& cost_of(std::string_view provider, std::string_view model) {
    if (const counter* known = costs_.find(std::pair{provider, model})) return *known;
    if (costs_.full() && model != other_name) return cost_of(provider, other_name);
    attributes names = labels();
    names.set({"gen_ai.provider.name", provider});
    names.set({"gen_ai.request.model", model});
    const counter fresh =
        recorder_.bind_counter(catalog::gen_ai::cost, tenant_.empty() ? overflow_labels() : names);
    return costs_.add({std::string{provider}, std::string{model}}, fresh);
  }

  [[nodiscard]] attributes labels() const {
    return tenant_.empty() ? overflow_labels() : attributes{{"querytap.tenant", tenant_}};
  }

  // One thread begins the new period; costs that others add meanwhile may count for either.
  [[nodiscard]] period_account& begin_period(budget_period period) noexcept {
    period_account& account = accounts_[static_cast<std::size_t>(period)];
    const std::int64_t current = number_of_period(period);
    std::int64_t known = account.period.load(std::memory_order_relaxed);
    if (known != current &&
        account.period.compare_exchange_strong(known, current, std::memory_order_relaxed)) {
      account.spent.store(0, std::memory_order_relaxed);
    }
    return account;
  }

  [[nodiscard]] std::int64_t number_of_period(budget_period period) const noexcept {
    if (period == budget_period::never) return 0;
    const auto day = std::chrono::floor<std::chrono::days>(recorder_.time().wall());
    if (period == budget_period::day) return day.time_since_epoch().count();
    const std::chrono::year_month_day date{day};
    return int{date.year()} * 12 + static_cast<int>(unsigned{date.month()});
  }

  void report(const budget_use& use) noexcept {
    if (tenant_.empty() || !recorder_.enabled()) return;
    try {
      finding found{.kind = finding_kind::budget_exceeded};
      found.tenant = tenant_;
      found.message = fmt::format("tenant {} has spent ${:.4f} on models, of ${:.4f}", use.tenant,
                                  use.spent.in_dollars(), use.limit.in_dollars());
      found.advice =
          "refuse its calls by the budget's hook, give it a cheaper model, or raise the limit";
      found.evidence.set({"querytap.tenant", use.tenant});
      found.evidence.set({"spent_dollars", use.spent.in_dollars()});
      found.evidence.set({"limit_dollars", use.limit.in_dollars()});
      found.time = recorder_.time().wall();
      recorder_.part<report_hub>().publish(std::move(found));
    } catch (const std::exception&) {
      return;  // no memory: the gauges still show it
    }
  }

  recorder& recorder_;
  const std::string tenant_;  // empty: of all tenants past the limit of tenants
  const gauge spent_gauge_;
  const gauge limit_gauge_;
  append_list<provider_and_model, counter> costs_;
  std::array<period_account, 3> accounts_;  // by period
};

namespace {

/// All accounts of a recorder.
class budget_accounts final : public recorder_part {
 public:
  explicit budget_accounts(recorder& recorder) : recorder_{recorder} {}

  [[nodiscard]] budget_state& account_of(const std::string& tenant) {
    constexpr std::size_t most_tenants = 10'000;
    if (budget_state* const known = find(tenant)) return *known;
    const bool is_full = size() >= most_tenants;
    if (is_full) {
      if (budget_state* const others = find({})) return *others;
    }
    const std::string name = is_full ? std::string{} : tenant;
    auto fresh = std::make_unique<budget_state>(recorder_, name);  // which takes locks of its own
    const parts_lock lock{recorder_};
    return *accounts_.try_emplace(name, std::move(fresh)).first->second;
  }

  void release_idle(const series_usage& /*usage*/) override {}

 private:
  [[nodiscard]] budget_state* find(const std::string& tenant) {
    const parts_lock lock{recorder_};
    const auto known = accounts_.find(tenant);
    return known == accounts_.end() ? nullptr : known->second.get();
  }
  [[nodiscard]] std::size_t size() {
    const parts_lock lock{recorder_};
    return accounts_.size();
  }

  recorder& recorder_;
  std::map<std::string, std::unique_ptr<budget_state>> accounts_;  // under a parts_lock
};

budget_options validated_budget(const budget_options& options) {
  if (options.tenant.empty()) throw configuration_error{"tenant", "", "expected a name"};
  if (options.limit.nanodollars < 0) {
    throw configuration_error{"limit", fmt::format("{}", options.limit.in_dollars()),
                              "expected 0 or more dollars"};
  }
  return options;
}

}  // namespace
}  // namespace detail

budget::budget(recorder& recorder, const budget_options& options)
    : options_{detail::validated_budget(options)},
      state_{&recorder.part<detail::budget_accounts>().account_of(options_.tenant)} {
  state_->show_limit(options_.limit);
}

bool budget::allows() const {
  if (state_->is_shared()) return true;
  const money spent_so_far = spent();
  if (spent_so_far < options_.limit || !options_.may_exceed) return true;
  return options_.may_exceed({options_.tenant, spent_so_far, options_.limit});
}

void budget::add(money cost) const noexcept {
  if (cost.nanodollars > 0) state_->add(cost, options_);
}

void budget::add(money cost, std::string_view provider, std::string_view model) const noexcept {
  if (cost.nanodollars <= 0) return;
  state_->count_cost(cost, provider, model);
  state_->add(cost, options_);
}

money budget::spent() const noexcept { return {state_->spent(options_.period)}; }

bool budget::is_used_up() const noexcept {
  return !state_->is_shared() && spent() >= options_.limit;
}

}  // namespace querytap
