#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ops {

using keys = std::vector<std::string_view>;

/// A rule of Prometheus that adds up what all processes of a service say, for queries over days and weeks.
struct recorded_rule {
  std::string name = {};
  std::string expression = {};
};

/// PromQL, the unit of its values as Grafana names it, and what it reads.
struct query {
  std::string text = {};
  std::string unit = {};
  std::vector<const querytap::instrument*> reads = {};
  std::vector<recorded_rule> rules = {};
};

/// The series of an instrument that a panel shows. The dashboard's variables select among them:
/// `$service` and `$instance` always, others where the instrument has their attribute.
///
/// Errors   throws std::logic_error for an attribute that the instrument does not have.
class series {
 public:
  explicit series(const querytap::instrument& measured) : measured_{&measured} {}

  /// `matcher` is the operator and the value: `!=""`.
  [[nodiscard]] series where(std::string_view key, std::string_view matcher) const;
  /// The bucket of a classic histogram up to `bound`, however the server writes the number.
  [[nodiscard]] series with_bound(std::string_view bound) const;
  /// What a server says, which several processes may ask: the same in each of them, and to be counted once.
  [[nodiscard]] series of_server() const;

  [[nodiscard]] const querytap::instrument& measured() const noexcept { return *measured_; }
  [[nodiscard]] bool is_of_server() const noexcept { return is_of_server_; }
  /// The labels' matchers, without braces.
  [[nodiscard]] std::string matchers() const;

 private:
  const querytap::instrument* measured_;
  std::vector<std::pair<std::string_view, std::string>> matchers_ = {};
  bool is_of_server_ = false;
};

/// Events per second, of a counter or a histogram.
[[nodiscard]] query rate(const series& selected, const keys& by = {},
                         std::string_view window = "$__rate_interval");
/// Of these the events whose value is at most `bound`, a bound of the histogram or a variable.
[[nodiscard]] query rate_within(std::string_view bound, const series& selected, const keys& by,
                                std::string_view window);
/// Units per second of what a histogram sums up: seconds, bytes, rows.
[[nodiscard]] query sum_rate(const series& selected, const keys& by = {});
/// What a histogram counts, on average.
[[nodiscard]] query mean(const series& selected, const keys& by = {});
[[nodiscard]] query quantile(double q, const series& selected, const keys& by = {});
/// For a heat map: the buckets, or native histograms.
[[nodiscard]] query buckets(const series& selected);

[[nodiscard]] query sum(const series& selected, const keys& by = {});
[[nodiscard]] query highest(const series& selected, const keys& by = {});
[[nodiscard]] query lowest(const series& selected, const keys& by = {});

[[nodiscard]] query share(const query& part, const query& whole);
/// Zeros for what `whole` has and `part` lacks: nothing has failed yet.
[[nodiscard]] query or_zero(const query& part, const query& whole);
[[nodiscard]] query top(int count, const query& ranked);
[[nodiscard]] query total_of(const query& one_part, const query& other_part);
[[nodiscard]] query times(const query& scaled, std::string_view factor);
/// The text becomes `before`, the text, and `behind`.
[[nodiscard]] query wrapped(std::string_view before, const query& inner, std::string_view behind);
[[nodiscard]] query with_unit(query changed, std::string_view unit);

/// Grafana's name of a unit of OpenTelemetry.
[[nodiscard]] std::string unit_of(const querytap::instrument& measured);
[[nodiscard]] std::string unit_of_rate(const querytap::instrument& measured);

/// `{{a}} {{b}}`, for the legend of a query by these attributes.
[[nodiscard]] std::string legend_of(const keys& by);
[[nodiscard]] std::string label_of(std::string_view key);

}  // namespace ops
