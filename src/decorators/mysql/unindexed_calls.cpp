#include "unindexed_calls.hpp"

#include "../../calls/reports/report_hub.hpp"

#include <querytap/base/human.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace querytap::mysql::detail {
namespace {

constexpr std::uint64_t worth_counting = 1'000'000;     // nanoseconds
constexpr std::uint64_t worth_reporting = 100'000'000;  // for a statement that is never slow

// A statement that asks for all rows needs no index.
bool selects_rows(std::string_view text) noexcept {
  const auto has = [&](std::string_view word) { return text.find(word) != text.npos; };
  return has(" where ") || has(" WHERE ") || has(" join ") || has(" JOIN ");
}

}  // namespace

void unindexed_calls::add(const querytap::statement& identity, std::uint64_t nanoseconds,
                          std::uint64_t rows, bool has_poor_index, code_location site) noexcept {
  if (nanoseconds < worth_counting || !identity.enabled()) return;
  const std::uint64_t fingerprint = identity.identity().fingerprint;
  entry& counted = entries_[fingerprint % entries_.size()];
  if (counted.fingerprint != fingerprint) {
    counted = {.fingerprint = fingerprint,
               .report_from = std::min(identity.slow_threshold(), worth_reporting)};
  }
  ++counted.calls;
  counted.nanoseconds += nanoseconds;
  counted.rows += rows;
  if (counted.nanoseconds < counted.report_from) return;
  counted.report_from = 2 * counted.nanoseconds;
  try {
    if (selects_rows(identity.identity().text)) report(identity, counted, has_poor_index, site);
  } catch (const std::exception&) {
    return;  // no memory
  }
}

void unindexed_calls::report(const querytap::statement& identity, const entry& counted,
                             bool has_poor_index, code_location site) const {
  const std::chrono::nanoseconds spent{static_cast<std::int64_t>(counted.nanoseconds)};
  finding found{.kind = finding_kind::missing_index,
                .system = std::string{identity.system()},
                .statement = identity.shared_identity(),
                .site = site_of(site, telemetry_.options().source_root),
                .calls = counted.calls,
                .cost = spent,
                .time = telemetry_.time().wall()};
  found.message = "The server used no " + std::string{has_poor_index ? "good " : ""} + "index in " +
                  std::to_string(counted.calls) + (counted.calls == 1 ? " call" : " calls") +
                  " of this statement, which took " + human_duration(spent) + " and returned " +
                  std::to_string(counted.rows) + (counted.rows == 1 ? " row" : " rows");
  found.advice =
      "look at its plan (EXPLAIN), and index the columns by which it selects and joins its rows";
  found.evidence = {{"calls", static_cast<std::int64_t>(counted.calls)},
                    {"rows", static_cast<std::int64_t>(counted.rows)},
                    {"seconds", static_cast<double>(counted.nanoseconds) * 1e-9}};
  telemetry_.part<querytap::detail::report_hub>().publish(std::move(found));
}

}  // namespace querytap::mysql::detail
