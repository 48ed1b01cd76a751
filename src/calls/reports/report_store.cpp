#include "report_store.hpp"

#include "../../base/ascii.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::size_t most_findings = 200;
// A finding that is seen again after so long is published again.
constexpr std::chrono::minutes repetition_window{10};

std::string first_text_of(std::initializer_list<std::string_view> texts) {
  const auto* const first =
      std::ranges::find_if(texts, [](std::string_view text) { return !text.empty(); });
  return std::string{first == texts.end() ? std::string_view{} : *first};
}

// Numbers differ each time, and so do the units behind them: `340 ms` and `2.1 s` are one reason.
std::string without_numbers(std::string_view text) {
  constexpr std::size_t longest_unit = 3;
  std::string words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool is_number = std::ranges::any_of(word, &is_ascii_digit);
    if (!is_number && word.size() > longest_unit) words.append(word).append(1, ' ');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// A component that is not well for another reason than before has another finding.
std::string subject_of(const finding& finding) {
  if (finding.component.empty()) {
    return first_text_of({finding.pool, finding.tenant, finding.table});
  }
  const attribute_value* const measured = finding.evidence.find("measurement");
  std::string subject =
      finding.component + ':' + (measured == nullptr ? std::string{} : to_string(*measured));
  if (finding.kind == finding_kind::unhealthy) subject += ':' + without_numbers(finding.message);
  return subject;
}

}  // namespace

std::shared_ptr<const call_report> report_store::add(call_report report) {
  report.number = ++last_call_;
  const statement_key key{report.system, report.statement->fingerprint};
  auto stored = std::make_shared<const call_report>(std::move(report));
  calls_.add(key, stored);
  return stored;
}

std::shared_ptr<const request_report> report_store::add(request_report report) {
  report.number = ++last_request_;
  const std::string key = report.name;
  auto stored = std::make_shared<const request_report>(std::move(report));
  requests_.add(key, stored);
  return stored;
}

report_store::finding_key report_store::key_of(const finding& finding) {
  return {finding.kind, finding.system,
          finding.statement == nullptr ? 0 : finding.statement->fingerprint, subject_of(finding),
          to_string(finding.site)};
}

std::shared_ptr<const finding> report_store::add(finding finding) {
  auto& known = findings_[key_of(finding)];
  const bool is_new = known == nullptr || finding.time - known->time > repetition_window;
  if (known != nullptr) finding.seen = known->seen + 1;
  finding.number = known == nullptr ? ++last_finding_ : known->number;
  known = std::make_shared<const querytap::finding>(std::move(finding));
  const auto stored = known;
  if (findings_.size() > most_findings) drop_oldest_finding();
  return is_new ? stored : nullptr;
}

void report_store::drop_oldest_finding() {
  findings_.erase(std::ranges::min_element(findings_, {},
                                           [](const auto& entry) { return entry.second->time; }));
}

void report_store::amend(std::uint64_t number, const std::function<void(call_report&)>& change) {
  calls_.replace(number, [&](const call_report& report) {
    auto changed = std::make_shared<call_report>(report);
    change(*changed);
    return changed;
  });
}

void report_store::add_to(snapshot& snapshot) const {
  snapshot.call_reports = calls_.all();
  snapshot.requests = requests_.all();
  for (const auto& [key, finding] : findings_) snapshot.findings.push_back(finding);
  std::ranges::sort(snapshot.findings, [](const auto& a, const auto& b) {
    return std::pair{a->time, a->number} > std::pair{b->time, b->number};
  });
}

void report_store::clear() noexcept {
  calls_.clear();
  requests_.clear();
  findings_.clear();
}

}  // namespace querytap::detail
