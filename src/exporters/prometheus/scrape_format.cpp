#include <querytap/exporters/prometheus/scrape_format.hpp>

#include "../../base/ascii.hpp"
#include "../../base/text.hpp"

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace querytap {
namespace detail {
namespace {

/// Removes and returns the text before the next `separator`; separators within quotes do not count.
std::string_view take_header_part(char separator, std::string_view& rest) {
  bool quoted = false;
  std::size_t size = 0;
  while (size < rest.size() && (quoted || rest[size] != separator)) {
    if (rest[size] == '\\' && quoted) ++size;
    if (size < rest.size() && rest[size] == '"') quoted = !quoted;
    ++size;
  }
  size = std::min(size, rest.size());
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(std::min(rest.size(), size + 1));
  return trimmed(taken);
}

/// One entry of an Accept header: `text/plain;version=0.0.4;q=0.5`.
class media_range {
 public:
  explicit media_range(std::string_view text) : parameters_{text} {
    type_ = take_header_part(';', parameters_);
  }

  [[nodiscard]] std::string_view type() const { return type_; }

  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
    std::string_view rest = parameters_;
    while (!rest.empty()) {
      std::string_view value = take_header_part(';', rest);
      const std::string_view key = take_header_part('=', value);
      if (!equal_ignoring_case(key, name)) continue;
      value = trimmed(value);
      const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
      return quoted ? value.substr(1, value.size() - 2) : value;
    }
    return std::nullopt;
  }

  /// 0, that is "not accepted", for a text that is not a weight.
  [[nodiscard]] double weight() const {
    const auto text = parameter("q");
    if (!text.has_value()) return 1;
    double weight = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), weight,
                                              std::chars_format::fixed);
    const bool readable = error == std::errc{} && end == text->data() + text->size();
    return readable && weight >= 0 && weight <= 1 ? weight : 0;
  }

 private:
  std::string_view type_;
  std::string_view parameters_;
};

bool is_absent_or_one_of(const std::optional<std::string_view>& value,
                         std::initializer_list<std::string_view> allowed) {
  return !value.has_value() || std::ranges::any_of(allowed, [&](std::string_view name) {
    return equal_ignoring_case(*value, name);
  });
}

std::optional<scrape_format> offered_format(const media_range& range) {
  if (equal_ignoring_case(range.type(), "application/openmetrics-text")) {
    if (is_absent_or_one_of(range.parameter("version"), {"1.0.0", "0.0.1"})) {
      return scrape_format::open_metrics;
    }
  } else if (equal_ignoring_case(range.type(), "application/vnd.google.protobuf")) {
    const bool is_delimited_family =
        range.parameter("proto").has_value() &&
        equal_ignoring_case(*range.parameter("proto"), "io.prometheus.client.MetricFamily") &&
        range.parameter("encoding").has_value() &&
        equal_ignoring_case(*range.parameter("encoding"), "delimited");
    if (is_delimited_family) return scrape_format::protobuf;
  } else if (equal_ignoring_case(range.type(), "text/plain") ||
             equal_ignoring_case(range.type(), "text/*") || range.type() == "*/*") {
    if (is_absent_or_one_of(range.parameter("version"), {"0.0.4"})) return scrape_format::text;
  }
  return std::nullopt;
}

}  // namespace
}  // namespace detail

scrape_format choose_format(std::string_view accept) noexcept {
  scrape_format best = scrape_format::text;
  double weight_of_best = 0;
  while (!accept.empty()) {
    const detail::media_range range{detail::take_header_part(',', accept)};
    const auto format = detail::offered_format(range);
    if (!format.has_value() || range.weight() <= weight_of_best) continue;
    best = *format;
    weight_of_best = range.weight();
  }
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) noexcept {
  bool allows_any = false;
  while (!accept_encoding.empty()) {
    const detail::media_range coding{detail::take_header_part(',', accept_encoding)};
    const bool is_gzip = detail::equal_ignoring_case(coding.type(), "gzip") ||
                         detail::equal_ignoring_case(coding.type(), "x-gzip");
    if (is_gzip) return coding.weight() > 0;
    if (coding.type() == "*") allows_any = coding.weight() > 0;
  }
  return allows_any;
}

std::string_view to_string(scrape_format format) noexcept {
  switch (format) {
    case scrape_format::text: return "text";
    case scrape_format::open_metrics: return "open_metrics";
    case scrape_format::protobuf: return "protobuf";
  }
  return "unknown";
}

std::string_view content_type_of(scrape_format format) noexcept {
  switch (format) {
    case scrape_format::text: return prometheus_text::content_type;
    case scrape_format::open_metrics: return open_metrics::content_type;
    case scrape_format::protobuf: return prometheus_protobuf::content_type;
  }
  return prometheus_text::content_type;
}

}  // namespace querytap
