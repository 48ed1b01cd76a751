#include <querytap/analysis/requests/request_findings.hpp>

#include "../../base/seconds.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace querytap {
namespace {

std::string capitalised_verb(std::string_view statement) {
  std::string verb{statement.substr(0, statement.find(' '))};
  std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::toupper(c); });
  return verb;
}

std::string_view batched_redis_command(const database_system& system, std::string_view text) {
  const std::string command = capitalised_verb(text);
  if (command == "GET") return "ask for all keys in one MGET";
  if (command == "SET") return "write all keys in one MSET";
  if (command == "HGET") return "ask for all fields in one HMGET";
  return system.batched_read;
}

std::string_view batched_sql_write(std::string_view text) {
  return capitalised_verb(text) == "INSERT"
             ? "insert all rows with one INSERT of many VALUES"
             : "write all rows with one statement whose WHERE names all keys";
}

// How many calls of the statement become one.
std::string batching_advice(const statement_share& share) {
  const database_system& system = find_database_system(share.system);
  std::string_view advice = system.batched_read;
  if (system.dialect == dialect::redis) {
    advice = batched_redis_command(system, share.statement->text);
  } else if (system.is_sql && share.statement->kind == statement_kind::write) {
    advice = batched_sql_write(share.statement->text);
  }
  return fmt::format("{}; querytap::batch_loader gathers them", advice);
}

finding finding_about_share(const request_report& report, const statement_share& share,
                            finding_kind kind) {
  finding result;
  result.kind = kind;
  result.system = share.system;
  result.statement = share.statement;
  if (share.statement->tables.size() == 1) result.table = share.statement->tables.front();
  result.site = share.site;
  result.request = report.name;
  result.calls = share.calls;
  result.cost = share.time;
  result.time = report.start +
                std::chrono::duration_cast<std::chrono::system_clock::duration>(report.duration);
  result.evidence.set({"calls", static_cast<std::int64_t>(share.calls)});
  result.evidence.set({"seconds", detail::seconds_of(share.time)});
  result.evidence.set({"request_seconds", detail::seconds_of(report.duration)});
  return result;
}

finding n_plus_one_finding(const request_report& report, const statement_share& share) {
  finding result = finding_about_share(report, share, finding_kind::n_plus_one);
  result.message = fmt::format("{} times in one {}: {}; {} of its {}", share.calls, report.name,
                               share.statement->text, human_duration(share.time),
                               human_duration(report.duration));
  result.advice = batching_advice(share);
  return result;
}

finding duplicate_finding(const request_report& report, const statement_share& share) {
  finding result = finding_about_share(report, share, finding_kind::duplicate);
  result.calls = share.duplicates;
  result.cost = share.time / static_cast<std::int64_t>(share.calls) *
                static_cast<std::int64_t>(share.duplicates);
  result.evidence.set({"calls", static_cast<std::int64_t>(share.duplicates)});
  result.evidence.set({"seconds", detail::seconds_of(result.cost)});
  result.message =
      fmt::format("{} of {} calls in one {} sent parameters that it had sent before: {}",
                  share.duplicates, share.calls, report.name, share.statement->text);
  result.advice = "keep the result of the first call for the rest of the request";
  return result;
}

// BEGIN and COMMIT come as often as there are transactions, and cannot be batched by themselves.
bool can_be_batched(const statement_share& share) {
  return share.statement != nullptr && (share.statement->kind == statement_kind::read ||
                                        share.statement->kind == statement_kind::write ||
                                        share.statement->kind == statement_kind::other);
}

}  // namespace

std::vector<finding> request_findings(const request_report& report, std::uint64_t n_plus_one_from) {
  std::vector<finding> found;
  for (const statement_share& share : report.statements) {
    if (!can_be_batched(share)) continue;
    if (share.calls >= n_plus_one_from) found.push_back(n_plus_one_finding(report, share));
    const bool is_read = share.statement->kind == statement_kind::read;
    if (is_read && share.duplicates > 0) found.push_back(duplicate_finding(report, share));
  }
  return found;
}

}  // namespace querytap
