#include <rag_chatbot/report/report.hpp>

#include <querytap/base/human.hpp>

#include <rag_chatbot/report/findings.hpp>
#include <rag_chatbot/report/model_costs.hpp>
#include <rag_chatbot/report/servers.hpp>
#include <rag_chatbot/report/statements.hpp>
#include <rag_chatbot/report/totals.hpp>
#include <rag_chatbot/report/units.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace rag_chatbot {
namespace {

std::string pool_part(const querytap::snapshot& snapshot) {
  const auto connections = [&](std::string_view state) {
    return number_of(snapshot, "db.client.connection.count", "db.client.connection.state", state);
  };
  const auto wait = merged(snapshot, "db.client.connection.wait_time");
  return fmt::format("  max {}   used {}   idle {}   wait p50 {}   wait p99 {}   timeouts {}\n",
                     number_of(snapshot, "db.client.connection.max"), connections("used"),
                     connections("idle"), readable_quantile(wait, 0.5),
                     readable_quantile(wait, 0.99),
                     number_of(snapshot, "db.client.connection.timeouts"));
}

std::chrono::nanoseconds latency(const std::vector<std::chrono::nanoseconds>& sorted,
                                 double share) {
  if (sorted.empty()) return {};
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::string requests_part(const report_facts& facts) {
  const auto served = merged(facts.after_load, "querytap.request.duration");
  auto latencies = facts.load.latencies;
  std::sort(latencies.begin(), latencies.end());
  return fmt::format(
      "  in the service               count {}   p50 {}   p99 {}   errors {}\n"
      "  at the users, from when due  count {}   p50 {}   p99 {}   errors {}\n",
      count_of(served), readable_quantile(served, 0.5), readable_quantile(served, 0.99),
      failed_requests(facts.after_load), facts.load.asked,
      querytap::human_duration(latency(latencies, 0.5)),
      querytap::human_duration(latency(latencies, 0.99)), facts.load.failed);
}

std::string found_part(const load_result& load) {
  return fmt::format(
      "right page among the first five: {} of {} ({})\n", load.found, load.asked,
      readable_share(static_cast<double>(load.found), static_cast<double>(load.asked)));
}

std::string cost_part(const report_facts& facts) {
  const auto records = records_in(facts.after_load) - records_in(facts.before_load);
  const double cost = static_cast<double>(records) * facts.record_nanoseconds * 1e-9;
  const double requests = seconds_of(merged(facts.after_load, "querytap.request.duration")) -
                          seconds_of(merged(facts.before_load, "querytap.request.duration"));
  return fmt::format("  {} records x {:.1f} ns = {}, {} of the {} that the requests took\n",
                     querytap::human_count(records), facts.record_nanoseconds,
                     querytap::human_duration(cost), readable_share(cost, requests),
                     querytap::human_duration(requests));
}

std::string health_part(const querytap::snapshot& snapshot) {
  const std::string lines = health_list(snapshot);
  return lines.empty() ? lines : "health\n" + lines + '\n';
}

}  // namespace

std::string report_on(const report_facts& facts) {
  return fmt::format(
      "statements by total time, since the start\n{}\n"
      "{}"
      "pool\n{}\n"
      "{}"
      "requests\n{}\n"
      "{}"
      "findings\n{}\n"
      "{}\n"
      "cost of the instrumentation during the load\n{}",
      statements_table(facts.after_load), servers_view(facts.after_load),
      pool_part(facts.after_load), health_part(facts.after_load), requests_part(facts),
      model_costs(facts.after_load), findings_list(facts.after_load), found_part(facts.load),
      cost_part(facts));
}

}  // namespace rag_chatbot
