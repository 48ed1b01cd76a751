#include <querytap/analysis/requests/request_findings.hpp>

#include "../../base/seconds.hpp"
#include "advice.hpp"
#include "request_timeline.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace querytap {
namespace {

using detail::batching;
using detail::effect;
using detail::transactions_around;

// Writes within one transaction of an embedded store are no round trips and no commits: they count from
// here on.
constexpr std::chrono::milliseconds least_time_of_embedded_writes{10};
constexpr int least_share_of_embedded_writes = 10;  // percent of the request

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

finding n_plus_one_finding(const request_report& report, const statement_share& share,
                           std::string advice) {
  finding result = finding_about_share(report, share, finding_kind::n_plus_one);
  result.message = fmt::format("{} times in one {}: {}; {} of its {}", share.calls, report.name,
                               share.statement->text, human_duration(share.time),
                               human_duration(report.duration));
  result.advice = std::move(advice);
  return result;
}

finding duplicate_finding(const request_report& report, const statement_share& share,
                          std::uint64_t same, std::string advice) {
  finding result = finding_about_share(report, share, finding_kind::duplicate);
  result.calls = same;
  result.cost =
      share.time / static_cast<std::int64_t>(share.calls) * static_cast<std::int64_t>(same);
  result.evidence.set({"calls", static_cast<std::int64_t>(same)});
  result.evidence.set({"seconds", detail::seconds_of(result.cost)});
  result.message =
      fmt::format("{} of {} calls in one {} sent parameters that it had sent before: {}", same,
                  share.calls, report.name, share.statement->text);
  result.advice = std::move(advice);
  return result;
}

/// The findings about one request.
class request_reader {
 public:
  request_reader(const request_report& report, std::uint64_t n_plus_one_from)
      : report_{report}, timeline_{report}, n_plus_one_from_{n_plus_one_from} {}

  [[nodiscard]] std::vector<finding> read() {
    for (std::size_t i = 0; i < report_.statements.size(); ++i) {
      if (report_.statements[i].calls == 0 || report_.statements[i].statement == nullptr) continue;
      if (is_n_plus_one(i)) {
        found_.push_back(
            n_plus_one_finding(report_, report_.statements[i],
                               detail::batching_advice(report_.statements[i], timeline_.form(i),
                                                       timeline_.transactions(i))));
      }
      add_duplicate(i);
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_n_plus_one(std::size_t i) const {
    const statement_share& share = report_.statements[i];
    const batching how = timeline_.form(i).how;
    if (share.calls < n_plus_one_from_ || how == batching::none) return false;
    const bool is_read = share.statement->kind == statement_kind::read;
    // A read of few keys, again and again, is a duplicate.
    if (is_read && share.calls - share.duplicates < n_plus_one_from_ && share.duplicates != 0) {
      return false;
    }
    const bool is_insert = how == batching::insert || how == batching::upsert;
    if (is_insert && timeline_.asks_for_generated_values()) return false;
    const bool is_reuse = how == batching::same_rows;
    const auto groups =
        is_reuse ? timeline_.groups_between_writes(i) : timeline_.undisturbed_groups(i);
    return std::ranges::max(groups) >= n_plus_one_from_ && !is_cheap_write(i);
  }

  [[nodiscard]] bool is_cheap_write(std::size_t i) const {
    const statement_share& share = report_.statements[i];
    const bool is_write = share.statement->kind == statement_kind::write;
    if (!is_write || !find_database_system(share.system).is_in_process) return false;
    if (timeline_.transactions(i) != transactions_around::shared) return false;
    return share.time < least_time_of_embedded_writes ||
           share.time * 100 < report_.duration * least_share_of_embedded_writes;
  }

  void add_duplicate(std::size_t i) {
    const statement_share& share = report_.statements[i];
    if (share.statement->kind != statement_kind::read || share.duplicates == 0) return;
    const effect purity = timeline_.form(i).purity;
    if (purity != effect::pure && purity != effect::unknown) return;
    const std::uint64_t same = timeline_.surely_same(i);
    if (same == 0) return;
    found_.push_back(
        duplicate_finding(report_, share, same, detail::reuse_advice(timeline_.form(i))));
  }

  const request_report& report_;
  const detail::request_timeline timeline_;
  const std::uint64_t n_plus_one_from_;
  std::vector<finding> found_;
};

}  // namespace

std::vector<finding> request_findings(const request_report& report, std::uint64_t n_plus_one_from) {
  return request_reader{report, n_plus_one_from}.read();
}

}  // namespace querytap
