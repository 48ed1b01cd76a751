#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include "../../base/utf8.hpp"

#include <algorithm>
#include <array>

namespace querytap {
namespace {

using word = std::pair<std::string_view, std::string_view>;

constexpr std::array unit_words{word{"d", "days"},
                                word{"h", "hours"},
                                word{"min", "minutes"},
                                word{"s", "seconds"},
                                word{"ms", "milliseconds"},
                                word{"us", "microseconds"},
                                word{"ns", "nanoseconds"},
                                word{"By", "bytes"},
                                word{"KiBy", "kibibytes"},
                                word{"MiBy", "mebibytes"},
                                word{"GiBy", "gibibytes"},
                                word{"TiBy", "tebibytes"},
                                word{"KBy", "kilobytes"},
                                word{"MBy", "megabytes"},
                                word{"GBy", "gigabytes"},
                                word{"TBy", "terabytes"},
                                word{"m", "meters"},
                                word{"V", "volts"},
                                word{"A", "amperes"},
                                word{"J", "joules"},
                                word{"W", "watts"},
                                word{"g", "grams"},
                                word{"Cel", "celsius"},
                                word{"Hz", "hertz"},
                                word{"1", ""},
                                word{"%", "percent"}};
constexpr std::array per_words{word{"s", "second"}, word{"m", "minute"}, word{"h", "hour"},
                               word{"d", "day"},    word{"w", "week"},   word{"mo", "month"},
                               word{"y", "year"}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

template <std::size_t N>
std::string_view translated(std::string_view unit, const std::array<word, N>& words) {
  const auto found =
      std::find_if(words.begin(), words.end(), [unit](const word& w) { return w.first == unit; });
  return found == words.end() ? unit : found->second;
}

std::vector<std::string> tokens_of(std::string_view name) {
  std::vector<std::string> tokens{{}};
  for (const char c : name) {
    if (is_letter_or_digit(c) || c == ':') {
      tokens.back() += c;
    } else if (!tokens.back().empty()) {
      tokens.emplace_back();
    }
  }
  if (tokens.back().empty()) tokens.pop_back();
  return tokens;
}

void append_missing(std::vector<std::string>& to, std::string_view words) {
  for (std::string& token : tokens_of(words)) {
    if (std::find(to.begin(), to.end(), token) == to.end()) to.push_back(std::move(token));
  }
}

// "{anything}" is a remark, not a unit.
void append_unit(std::vector<std::string>& to, std::string_view unit) {
  const std::size_t slash = unit.find('/');
  const std::string_view main = unit.substr(0, slash);
  if (main.find('{') == std::string_view::npos) append_missing(to, translated(main, unit_words));
  if (slash == std::string_view::npos) return;
  const std::string_view per = unit.substr(slash + 1);
  if (per.empty() || per.find('{') != std::string_view::npos) return;
  append_missing(to, "per");
  append_missing(to, translated(per, per_words));
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string name;
  for (const std::string& token : tokens) {
    if (!name.empty()) name += '_';
    name += token;
  }
  return name;
}

}  // namespace

std::string prometheus_name(const instrument& what) {
  const std::string family = open_metrics_name(what);
  return what.kind == instrument_kind::counter ? family + "_total" : family;
}

std::string open_metrics_name(const instrument& what) {
  std::vector<std::string> tokens = tokens_of(what.name);
  append_unit(tokens, what.unit);
  if (what.kind == instrument_kind::counter) std::erase(tokens, "total");
  if (what.kind == instrument_kind::gauge && what.unit == "1") append_missing(tokens, "ratio");
  const std::string name = joined(tokens);
  return !name.empty() && is_digit(name.front()) ? '_' + name : name;
}

std::string open_metrics_unit(const instrument& what) {
  std::vector<std::string> tokens;
  append_unit(tokens, what.unit);
  if (what.kind == instrument_kind::gauge && what.unit == "1") tokens.emplace_back("ratio");
  const std::string unit = joined(tokens);
  return !unit.empty() && open_metrics_name(what).ends_with('_' + unit) ? unit : std::string{};
}

std::string prometheus_label(std::string_view key) {
  std::string label;
  for (const char c : key) {
    if (is_letter_or_digit(c)) {
      label += c;
    } else if (label.empty() || label.back() != '_') {
      label += '_';
    }
  }
  const bool needs_prefix = label == "le" || (!label.empty() && is_digit(label.front()));
  return needs_prefix ? "key_" + label : label;
}

std::vector<std::pair<std::string, std::string>> prometheus_labels(const attributes& where) {
  std::vector<std::pair<std::string, std::string>> labels;
  for (const attribute& item : where) {
    std::string name = prometheus_label(item.key);
    std::string value = detail::valid_utf8(to_string(item.value));
    const auto known = std::find_if(labels.begin(), labels.end(),
                                    [&](const auto& label) { return label.first == name; });
    if (known != labels.end()) {
      known->second += ';' + value;
    } else {
      labels.emplace_back(std::move(name), std::move(value));
    }
  }
  return labels;
}

}  // namespace querytap
