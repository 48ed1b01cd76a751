#include <querytap/analysis/requests/request_findings.hpp>

#include "../../base/seconds.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace querytap {
namespace {

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> those) {
  return std::ranges::find(those, name) != those.end();
}

std::string first_word(std::string_view text) {
  std::string word{text.substr(0, text.find(' '))};
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::toupper(c); });
  return word;
}

std::string batched_redis(std::string_view text) {
  const std::string command = first_word(text);
  if (command == "GET") return "ask for all keys in one MGET";
  if (command == "SET") return "write all keys in one MSET";
  if (command == "HGET") return "ask for all fields in one HMGET";
  return "send the commands in one pipeline";
}

std::string batched_sql(const statement_identity& statement, std::string_view system) {
  if (statement.kind == statement_kind::write) {
    return first_word(statement.text) == "INSERT"
               ? "insert all rows with one INSERT of many VALUES"
               : "write all rows with one statement whose WHERE names all keys";
  }
  if (system == "postgresql") {
    return "load all keys with one query: where the key = ANY($1), with an array of them";
  }
  return "load all keys with one query: where the key IN (…), with all of them";
}

// How the many calls are made as one.
std::string batched(const statement_share& many) {
  const std::string_view system = many.system;
  std::string how;
  if (system == "redis") {
    how = batched_redis(many.statement->text);
  } else if (system == "mongodb") {
    how = "load all keys with one find: {key: {$in: […]}}";
  } else if (is_any_of(system, {"postgresql", "sqlite", "mysql", "mariadb", "other_sql"})) {
    how = batched_sql(*many.statement, system);
  } else {
    how = "make one call with all inputs: embeddings and vector stores take many at once";
  }
  return how + "; querytap::batch_loader gathers them";
}

finding about(const request_report& of, const statement_share& share, finding_kind kind) {
  finding result;
  result.kind = kind;
  result.system = share.system;
  result.statement = share.statement;
  if (share.statement->tables.size() == 1) result.table = share.statement->tables.front();
  result.site = share.site;
  result.request = of.name;
  result.calls = share.calls;
  result.cost = share.time;
  result.time =
      of.start + std::chrono::duration_cast<std::chrono::system_clock::duration>(of.duration);
  result.evidence.set({"calls", static_cast<std::int64_t>(share.calls)});
  result.evidence.set({"seconds", detail::seconds_of(share.time)});
  result.evidence.set({"request_seconds", detail::seconds_of(of.duration)});
  return result;
}

finding n_plus_one(const request_report& of, const statement_share& share) {
  finding result = about(of, share, finding_kind::n_plus_one);
  result.message =
      fmt::format("{} times in one {}: {}; {} of its {}", share.calls, of.name,
                  share.statement->text, human_duration(share.time), human_duration(of.duration));
  result.advice = batched(share);
  return result;
}

finding duplicate(const request_report& of, const statement_share& share) {
  finding result = about(of, share, finding_kind::duplicate);
  result.calls = share.duplicates;
  result.cost = share.time / static_cast<std::int64_t>(share.calls) *
                static_cast<std::int64_t>(share.duplicates);
  result.evidence.set({"calls", static_cast<std::int64_t>(share.duplicates)});
  result.evidence.set({"seconds", detail::seconds_of(result.cost)});
  result.message =
      fmt::format("{} of {} calls in one {} sent parameters that it had sent before: {}",
                  share.duplicates, share.calls, of.name, share.statement->text);
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

std::vector<finding> request_findings(const request_report& of, std::uint64_t n_plus_one_from) {
  std::vector<finding> found;
  for (const statement_share& share : of.statements) {
    if (!can_be_batched(share)) continue;
    if (share.calls >= n_plus_one_from) found.push_back(n_plus_one(of, share));
    const bool is_read = share.statement->kind == statement_kind::read;
    if (is_read && share.duplicates > 0) found.push_back(duplicate(of, share));
  }
  return found;
}

}  // namespace querytap
