#include "call_memory.hpp"

#include <utility>

namespace querytap::detail {
namespace {

constexpr std::size_t most_findings = 200;
// What is found again after so long is news again.
constexpr std::chrono::minutes forgotten_after{10};

}  // namespace

std::shared_ptr<const slow_query> call_memory::add(slow_query one) {
  one.number = ++last_slow_query_;
  const statement_key key{one.system, one.statement->fingerprint};
  auto kept = std::make_shared<const slow_query>(std::move(one));
  slow_queries_.add(key, kept);
  return kept;
}

std::shared_ptr<const request_report> call_memory::add(request_report one) {
  one.number = ++last_request_;
  const std::string key = one.name;
  auto kept = std::make_shared<const request_report>(std::move(one));
  requests_.add(key, kept);
  return kept;
}

call_memory::finding_key call_memory::key_of(const finding& one) {
  return {one.kind, one.system, one.statement == nullptr ? 0 : one.statement->fingerprint,
          one.table, to_string(one.where)};
}

std::shared_ptr<const finding> call_memory::add(finding one) {
  auto& known = findings_[key_of(one)];
  const bool is_news = known == nullptr || one.time - known->time > forgotten_after;
  if (known != nullptr) one.seen = known->seen + 1;
  one.number = known == nullptr ? ++last_finding_ : known->number;
  known = std::make_shared<const finding>(std::move(one));
  const auto kept = known;
  if (findings_.size() > most_findings) drop_oldest_finding();
  return is_news ? kept : nullptr;
}

void call_memory::drop_oldest_finding() {
  findings_.erase(std::ranges::min_element(findings_, {},
                                           [](const auto& entry) { return entry.second->time; }));
}

void call_memory::amend(std::uint64_t number, const std::function<void(slow_query&)>& change) {
  slow_queries_.replace(number, [&](const slow_query& of) {
    auto changed = std::make_shared<slow_query>(of);
    change(*changed);
    return changed;
  });
}

void call_memory::add_to(snapshot& now) const {
  now.slow_queries = slow_queries_.all();
  now.requests = requests_.all();
  for (const auto& [key, one] : findings_) now.findings.push_back(one);
  std::ranges::sort(now.findings, [](const auto& a, const auto& b) {
    return std::pair{a->time, a->number} > std::pair{b->time, b->number};
  });
}

void call_memory::clear() noexcept {
  slow_queries_.clear();
  requests_.clear();
  findings_.clear();
}

}  // namespace querytap::detail
