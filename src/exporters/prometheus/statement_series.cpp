#include "statement_series.hpp"

#include "../../base/fingerprint_text.hpp"
#include "../../base/utf8.hpp"
#include "exposition_metrics.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace querytap::detail {
namespace {

constexpr std::size_t longest_exported_text = 1024;

std::string shortened_text(std::string_view text) {
  if (text.size() <= longest_exported_text) return std::string{text};
  return std::string{utf8_prefix(text, longest_exported_text)} + "…";
}

}  // namespace

void statement_series::split(snapshot& snapshot) {
  ++split_;
  for (auto& metric : snapshot.metrics) {
    const bool has_statements =
        std::ranges::any_of(metric->points, [](const point& p) { return p.statement != nullptr; });
    if (has_statements) metric = split_metric(*metric);
  }
  evict_unused();
  last_time_ = snapshot.time;
  if (!texts_.empty()) snapshot.metrics.push_back(texts());
}

// The remainder of retired statements would raise a series that goes on, by calls that were counted
// under their statements before.
std::shared_ptr<const metric> statement_series::split_metric(const metric& whole) {
  auto split = std::make_shared<metric>(metric{whole.instrument});
  split->points.reserve(whole.points.size());
  for (const point& part : whole.points) {
    if (part.is_of_retired) continue;
    split->points.push_back(part);
    if (part.statement == nullptr) continue;
    split->points.back().series = identity_of(part);
    mention(*part.statement);
  }
  return split;
}

const std::shared_ptr<const series_identity>& statement_series::identity_of(const point& part) {
  split_identity& own = series_[{part.series.get(), part.statement.get()}];
  own.last_split = split_;
  if (own.identity == nullptr) {
    attributes labels = part.series->labels;
    labels.set({"querytap.statement", fingerprint_text(part.statement->fingerprint)});
    // Not in the snapshot before: so it counts since then at the earliest.
    own.identity = std::make_shared<const series_identity>(series_identity{
        part.series->instrument, std::move(labels), std::max(part.series->start, last_time_)});
    own.summary = part.series;
    own.statement = part.statement;
  }
  return own.identity;
}

// The first text that was seen of a fingerprint: with two, a join would find two series.
void statement_series::mention(const statement_identity& statement) {
  text_identity& own = texts_[statement.fingerprint];
  own.last_split = split_;
  if (own.identity != nullptr) return;
  own.identity = std::make_shared<const series_identity>(
      series_identity{&statement_info,
                      {{"querytap.statement", fingerprint_text(statement.fingerprint)},
                       {"db.query.text", shortened_text(statement.text)}}});
}

void statement_series::evict_unused() {
  const auto is_unused = [this](const auto& entry) { return entry.second.last_split != split_; };
  absl::erase_if(series_, is_unused);
  std::erase_if(texts_, is_unused);
}

std::shared_ptr<const metric> statement_series::texts() const {
  auto info = std::make_shared<metric>(metric{&statement_info});
  info->points.reserve(texts_.size());
  for (const auto& [fingerprint, text] : texts_) {
    info->points.push_back({.series = text.identity, .number = 1});
  }
  return info;
}

}  // namespace querytap::detail
