#include "report_store.hpp"

#include <utility>

namespace querytap::detail {
namespace {

constexpr std::size_t most_findings = 200;
// What is found again after so long is news again.
constexpr std::chrono::minutes forgotten_after{10};

}  // namespace

std::shared_ptr<const call_report> report_store::add(call_report one) {
  one.number = ++last_slow_query_;
  const statement_key key{one.system, one.statement->fingerprint};
  auto stored = std::make_shared<const call_report>(std::move(one));
  slow_queries_.add(key, stored);
  return stored;
}

std::shared_ptr<const request_report> report_store::add(request_report one) {
  one.number = ++last_request_;
  const std::string key = one.name;
  auto stored = std::make_shared<const request_report>(std::move(one));
  requests_.add(key, stored);
  return stored;
}

report_store::finding_key report_store::key_of(const finding& one) {
  return {one.kind, one.system, one.statement == nullptr ? 0 : one.statement->fingerprint,
          one.table, to_string(one.site)};
}

std::shared_ptr<const finding> report_store::add(finding one) {
  auto& known = findings_[key_of(one)];
  const bool is_news = known == nullptr || one.time - known->time > forgotten_after;
  if (known != nullptr) one.seen = known->seen + 1;
  one.number = known == nullptr ? ++last_finding_ : known->number;
  known = std::make_shared<const finding>(std::move(one));
  const auto stored = known;
  if (findings_.size() > most_findings) drop_oldest_finding();
  return is_news ? stored : nullptr;
}

void report_store::drop_oldest_finding() {
  findings_.erase(std::ranges::min_element(findings_, {},
                                           [](const auto& entry) { return entry.second->time; }));
}

void report_store::amend(std::uint64_t number, const std::function<void(call_report&)>& change) {
  slow_queries_.replace(number, [&](const call_report& of) {
    auto changed = std::make_shared<call_report>(of);
    change(*changed);
    return changed;
  });
}

void report_store::add_to(snapshot& now) const {
  now.call_reports = slow_queries_.all();
  now.requests = requests_.all();
  for (const auto& [key, one] : findings_) now.findings.push_back(one);
  std::ranges::sort(now.findings, [](const auto& a, const auto& b) {
    return std::pair{a->time, a->number} > std::pair{b->time, b->number};
  });
}

void report_store::clear() noexcept {
  slow_queries_.clear();
  requests_.clear();
  findings_.clear();
}

}  // namespace querytap::detail
