#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/calls/models/money.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {
class budget_state;
}  // namespace detail

/// When a budget begins anew, at midnight UTC.
enum class budget_period : std::uint8_t { day, month, never };

/// What a tenant has spent, as the application's hook is told it.
struct budget_use {
  std::string tenant = {};
  money spent = {};
  money limit = {};
};

struct budget_options {
  std::string tenant = {};  ///< whose calls it pays; exported, so no secret
  money limit = {};         ///< of nothing: each call is one too many
  budget_period period = budget_period::day;
  /// Asked by allows() once nothing is left, on the caller's thread: true to go on. Empty: all calls go
  /// on, and the finding is all that comes of it.
  std::function<bool(const budget_use&)> may_exceed = {};
};

/// What one tenant may spend on models. All budgets of a tenant in one recorder are one account, by day, by month and
/// in all, in memory alone: a restart begins with nothing spent.
///
///     const budget of_acme{recorder, {.tenant = "acme", .limit = money::dollars(20),
///                                     .may_exceed = [](const budget_use&) { return false; }}};
///     if (!of_acme.allows()) throw "no money left";    // or take a cheaper model
///     call.paid_by(of_acme);                           // a model_call, whose cost it then pays
///
/// The call that exceeds the limit makes a finding, once in a period. Calls without a known cost pay
/// nothing, and all calls of an endpoint without prices are such: see `querytap.gen_ai.not_priced`.
///
/// Threads  any number at once.
/// Cost     allows(): one load, and the hook's own once nothing is left. add(): a locked
///          instruction for each period, and a gauge. No lock, but for the finding.
/// Errors   configuration_error for a limit below 0 or no tenant. What may_exceed throws is the caller's.
/// Lifetime a small value; the recorder must outlive it. Past 10,000 tenants all further ones share one
///          account, which has no limit.
class budget {
 public:
  budget(recorder& recorder, const budget_options& options);

  [[nodiscard]] bool allows() const;
  void add(money cost) const noexcept;
  /// The same for a call of this model, which `querytap.gen_ai.cost` then has by tenant.
  void add(money cost, std::string_view provider, std::string_view model) const noexcept;

  [[nodiscard]] money spent() const noexcept;
  [[nodiscard]] bool is_used_up() const noexcept;
  [[nodiscard]] const budget_options& options() const noexcept { return options_; }

 private:
  budget_options options_;
  detail::budget_state* state_;  // a part of the recorder
};

}  // namespace querytap
