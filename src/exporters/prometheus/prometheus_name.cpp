#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include "../../base/ascii.hpp"
#include "../../base/utf8.hpp"

#include <algorithm>
#include <array>

namespace querytap {
namespace {

using unit_word = std::pair<std::string_view, std::string_view>;

constexpr std::array unit_words{unit_word{"d", "days"},
                                unit_word{"h", "hours"},
                                unit_word{"min", "minutes"},
                                unit_word{"s", "seconds"},
                                unit_word{"ms", "milliseconds"},
                                unit_word{"us", "microseconds"},
                                unit_word{"ns", "nanoseconds"},
                                unit_word{"By", "bytes"},
                                unit_word{"KiBy", "kibibytes"},
                                unit_word{"MiBy", "mebibytes"},
                                unit_word{"GiBy", "gibibytes"},
                                unit_word{"TiBy", "tebibytes"},
                                unit_word{"KBy", "kilobytes"},
                                unit_word{"MBy", "megabytes"},
                                unit_word{"GBy", "gigabytes"},
                                unit_word{"TBy", "terabytes"},
                                unit_word{"m", "meters"},
                                unit_word{"V", "volts"},
                                unit_word{"A", "amperes"},
                                unit_word{"J", "joules"},
                                unit_word{"W", "watts"},
                                unit_word{"g", "grams"},
                                unit_word{"Cel", "celsius"},
                                unit_word{"Hz", "hertz"},
                                unit_word{"1", ""},
                                unit_word{"%", "percent"}};
constexpr std::array per_words{unit_word{"s", "second"}, unit_word{"m", "minute"},
                               unit_word{"h", "hour"},   unit_word{"d", "day"},
                               unit_word{"w", "week"},   unit_word{"mo", "month"},
                               unit_word{"y", "year"}};

template <std::size_t N>
std::string_view translated_unit(std::string_view unit, const std::array<unit_word, N>& words) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [unit](const unit_word& w) { return w.first == unit; });
  return found == words.end() ? unit : found->second;
}

std::vector<std::string> name_tokens(std::string_view name) {
  std::vector<std::string> tokens{{}};
  for (const char c : name) {
    if (detail::is_ascii_alphanumeric(c) || c == ':') {
      tokens.back() += c;
    } else if (!tokens.back().empty()) {
      tokens.emplace_back();
    }
  }
  if (tokens.back().empty()) tokens.pop_back();
  return tokens;
}

void append_missing_tokens(std::vector<std::string>& tokens, std::string_view words) {
  for (std::string& token : name_tokens(words)) {
    const bool is_missing = std::find(tokens.begin(), tokens.end(), token) == tokens.end();
    if (is_missing) tokens.push_back(std::move(token));
  }
}

// "{anything}" is a remark, not a unit.
void append_unit_tokens(std::vector<std::string>& tokens, std::string_view unit) {
  const std::size_t slash = unit.find('/');
  const std::string_view main = unit.substr(0, slash);
  const bool is_remark = main.find('{') != std::string_view::npos;
  if (!is_remark) append_missing_tokens(tokens, translated_unit(main, unit_words));
  if (slash == std::string_view::npos) return;
  const std::string_view per = unit.substr(slash + 1);
  if (per.empty() || per.find('{') != std::string_view::npos) return;
  append_missing_tokens(tokens, "per");
  append_missing_tokens(tokens, translated_unit(per, per_words));
}

std::string joined_tokens(const std::vector<std::string>& tokens) {
  std::string name;
  for (const std::string& token : tokens) {
    if (!name.empty()) name += '_';
    name += token;
  }
  return name;
}

bool is_ratio(const instrument& instrument) {
  return instrument.kind == instrument_kind::gauge && instrument.unit == "1";
}

}  // namespace

std::string prometheus_name(const instrument& instrument) {
  const std::string family = open_metrics_name(instrument);
  switch (instrument.kind) {
    case instrument_kind::counter: return family + "_total";
    case instrument_kind::info: return family + "_info";
    default: return family;
  }
}

std::string open_metrics_name(const instrument& instrument) {
  std::vector<std::string> tokens = name_tokens(instrument.name);
  append_unit_tokens(tokens, instrument.unit);
  if (instrument.kind == instrument_kind::counter) std::erase(tokens, "total");
  if (instrument.kind == instrument_kind::info) std::erase(tokens, "info");
  if (is_ratio(instrument)) append_missing_tokens(tokens, "ratio");
  if (tokens.empty()) tokens.emplace_back("unnamed");
  const std::string name = joined_tokens(tokens);
  return detail::is_ascii_digit(name.front()) ? '_' + name : name;
}

std::string open_metrics_unit(const instrument& instrument) {
  std::vector<std::string> tokens;
  append_unit_tokens(tokens, instrument.unit);
  if (is_ratio(instrument)) tokens.emplace_back("ratio");
  const std::string unit = joined_tokens(tokens);
  const bool may_have_one = instrument.kind != instrument_kind::info && !unit.empty();
  return may_have_one && open_metrics_name(instrument).ends_with('_' + unit) ? unit : std::string{};
}

std::string prometheus_label(std::string_view key) {
  if (key.empty()) return "_";
  std::string label;
  for (const char c : key) {
    if (detail::is_ascii_alphanumeric(c)) {
      label += c;
    } else if (label.empty() || label.back() != '_') {
      label += '_';
    }
  }
  const bool needs_prefix =
      label == "le" || label == "quantile" || detail::is_ascii_digit(label.front());
  return needs_prefix ? "key_" + label : label;
}

std::vector<std::pair<std::string, std::string>> prometheus_labels(const attributes& attributes) {
  std::vector<std::pair<std::string, std::string>> labels;
  for (const attribute& item : attributes) {
    std::string name = prometheus_label(item.key);
    std::string value = detail::valid_utf8(to_string(item.value));
    const auto place =
        std::ranges::lower_bound(labels, name, {}, &std::pair<std::string, std::string>::first);
    if (place != labels.end() && place->first == name) {
      place->second += ';' + value;
    } else {
      labels.emplace(place, std::move(name), std::move(value));
    }
  }
  return labels;
}

}  // namespace querytap
