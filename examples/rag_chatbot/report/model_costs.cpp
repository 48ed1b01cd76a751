#include <rag_chatbot/report/model_costs.hpp>

#include <rag_chatbot/report/totals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace rag_chatbot {
namespace {

constexpr double nanodollars_in_a_dollar = 1e9;

double dollars_in(const querytap::snapshot& snapshot, std::string_view metric,
                  std::string_view tenant = {}) {
  const std::string_view key = tenant.empty() ? "" : "querytap.tenant";
  return static_cast<double>(number_of(snapshot, metric, key, tenant)) / nanodollars_in_a_dollar;
}

/// Those who have spent most.
std::string tenants_part(const querytap::snapshot& snapshot) {
  constexpr std::size_t most_tenants = 10;
  std::vector<std::pair<double, std::string>> tenants;
  for (const auto& point : snapshot.find("querytap.gen_ai.budget.limit")) {
    const auto* const name = point.series->labels.find("querytap.tenant");
    if (name == nullptr) continue;
    std::string tenant = querytap::to_string(*name);
    const double spent = dollars_in(snapshot, "querytap.gen_ai.budget.spent", tenant);
    tenants.emplace_back(-spent, std::move(tenant));
  }
  std::sort(tenants.begin(), tenants.end());
  if (tenants.size() > most_tenants) tenants.resize(most_tenants);
  std::string text;
  for (const auto& [less_spent, tenant] : tenants) {
    text += fmt::format("  tenant {}: ${:.6f} of ${:.6f} today\n", tenant, -less_spent,
                        dollars_in(snapshot, "querytap.gen_ai.budget.limit", tenant));
  }
  return text;
}

}  // namespace

std::string model_costs(const querytap::snapshot& snapshot) {
  // By whichever version of the conventions.
  const auto calls = count_of(merged(snapshot, "gen_ai.client.operation.duration")) +
                     count_of(merged(snapshot, "gen_ai.client.inference.duration"));
  if (calls == 0) return {};
  const auto answers = number_of(snapshot, "querytap.gen_ai.answers");
  const double cost = dollars_in(snapshot, "querytap.gen_ai.cost");
  const std::string each =
      answers == 0 ? "–" : fmt::format("${:.6f}", cost / static_cast<double>(answers));
  return fmt::format(
      "models\n  calls {}   answers {}   cost ${:.6f}   an answer {}   calls without a price "
      "{}\n{}\n",
      calls, answers, cost, each, number_of(snapshot, "querytap.gen_ai.not_priced"),
      tenants_part(snapshot));
}

}  // namespace rag_chatbot
