#include <unit/exporters/prometheus/exposition.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>

namespace querytap::testing {
namespace {

using labels = std::map<std::string, std::string>;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Takes one line apart from the left.
class line_reader {
 public:
  explicit line_reader(std::string_view line) : line_{line}, rest_{line} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  void expect(std::string_view text) {
    if (!take(text)) fail(fmt::format("expected '{}'", text));
  }

  std::string take_name(bool colons) {
    std::size_t size = 0;
    while (size < rest_.size() && (is_letter(rest_[size]) || (colons && rest_[size] == ':') ||
                                   (size != 0 && is_digit(rest_[size])))) {
      ++size;
    }
    if (size == 0) fail("expected a name");
    return take_bytes(size);
  }

  /// Up to the end of the line, or to the closing quote, which is taken as well.
  std::string take_text(bool quoted) {
    std::string text;
    while (!at_end()) {
      if (quoted && take("\"")) return text;
      if (take("\\\\")) {
        text += '\\';
      } else if (take("\\n")) {
        text += '\n';
      } else if (quoted && take("\\\"")) {
        text += '"';
      } else if (rest_.front() == '\\') {
        fail("unknown escape");
      } else {
        text += take_bytes(1);
      }
    }
    if (quoted) fail("the quote is not closed");
    return text;
  }

  double take_number() {
    const std::string text = take_bytes(rest_.size());
    std::size_t used = 0;
    const double number = text.empty() || text.front() == ' ' ? 0 : std::stod(text, &used);
    if (used == 0 || used != text.size()) fail(fmt::format("'{}' is no number", text));
    return number;
  }

  [[noreturn]] void fail(std::string_view why) const {
    throw std::runtime_error{fmt::format("{}: {}", why, line_)};
  }

 private:
  std::string take_bytes(std::size_t size) {
    std::string taken{rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view line_;
  std::string_view rest_;
};

labels take_labels(line_reader& line) {
  labels found;
  if (!line.take("{")) return found;
  do {
    const std::string name = line.take_name(false);
    if (name.starts_with("__")) line.fail("a reserved label");
    line.expect("=\"");
    if (!found.emplace(name, line.take_text(true)).second) line.fail("a label stands twice");
  } while (line.take(","));
  line.expect("}");
  return found;
}

bool belongs(const exposed_family& family, std::string_view sample) {
  if (family.type != "histogram") return sample == family.name;
  if (!sample.starts_with(family.name)) return false;
  sample.remove_prefix(family.name.size());
  return sample == "_bucket" || sample == "_sum" || sample == "_count";
}

std::string identity_of(const exposed_sample& sample) {
  std::string text = sample.name + '{';
  for (const auto& [name, value] : sample.labels) {
    text += name == "le" ? fmt::format("le={} ", std::stod(value))
                         : fmt::format("{}=\"{}\" ", name, value);
  }
  return text + '}';
}

class parser {
 public:
  void read(std::string_view text) {
    line_reader line{text};
    if (!is_utf8(text)) line.fail("not UTF-8");
    if (line.take("# HELP ")) return begin_family(line);
    if (line.take("# TYPE ")) return set_type(line);
    read_sample(line);
  }

  std::vector<exposed_family> finish() {
    for (const exposed_family& family : families_) {
      if (family.samples.empty()) throw std::runtime_error{family.name + " has no samples"};
      if (family.type == "histogram") check_histograms(family);
    }
    return std::move(families_);
  }

 private:
  void begin_family(line_reader& line) {
    exposed_family& family = families_.emplace_back();
    family.name = line.take_name(true);
    if (!names_.insert(family.name).second) line.fail("a family stands twice");
    line.expect(" ");
    family.help = line.take_text(false);
  }

  void set_type(line_reader& line) {
    if (families_.empty() || !families_.back().type.empty()) line.fail("TYPE without HELP");
    line.expect(families_.back().name + " ");
    families_.back().type = line.take_text(false);
    static const std::set<std::string> types{"counter", "gauge", "histogram"};
    if (!types.contains(families_.back().type)) line.fail("an unknown type");
  }

  void read_sample(line_reader& line) {
    exposed_sample sample{};
    sample.name = line.take_name(true);
    if (families_.empty() || families_.back().type.empty() ||
        !belongs(families_.back(), sample.name)) {
      line.fail("a sample outside of its family");
    }
    sample.labels = take_labels(line);
    line.expect(" ");
    sample.value = line.take_number();
    if (!samples_.insert(identity_of(sample)).second) line.fail("a sample stands twice");
    families_.back().samples.push_back(std::move(sample));
  }

  struct buckets {
    double last_bound = -std::numeric_limits<double>::infinity();
    double last_count = 0;
    std::optional<double> count;
    bool has_sum = false;
  };

  static void check_histograms(const exposed_family& family) {
    std::map<labels, buckets> all;
    for (const exposed_sample& sample : family.samples) {
      labels series = sample.labels;
      const auto bound = series.extract("le");
      buckets& seen = all[series];
      const auto require = [&](bool right) {
        if (!right) throw std::runtime_error{"a broken histogram: " + identity_of(sample)};
      };
      require(bound.empty() != sample.name.ends_with("_bucket"));
      if (!bound.empty()) {
        require(std::stod(bound.mapped()) > seen.last_bound && sample.value >= seen.last_count);
        seen.last_bound = std::stod(bound.mapped());
        seen.last_count = sample.value;
      } else if (sample.name.ends_with("_sum")) {
        seen.has_sum = true;
      } else {
        seen.count = sample.value;
      }
    }
    for (const auto& [series, seen] : all) {
      if (!seen.has_sum || seen.count != seen.last_count || !std::isinf(seen.last_bound)) {
        throw std::runtime_error{family.name + ": buckets do not end with the count at +Inf"};
      }
    }
  }

  std::vector<exposed_family> families_;
  std::set<std::string> names_;
  std::set<std::string> samples_;
};

struct range {
  unsigned low;
  unsigned high;
};

// The first byte and what may follow it.
struct form {
  range first;
  std::vector<range> rest;
};

const std::vector<form>& forms() {
  static const range any{0x80, 0xBF};
  static const std::vector<form> all{{{0x00, 0x7F}, {}},
                                     {{0xC2, 0xDF}, {any}},
                                     {{0xE0, 0xE0}, {{0xA0, 0xBF}, any}},
                                     {{0xE1, 0xEC}, {any, any}},
                                     {{0xED, 0xED}, {{0x80, 0x9F}, any}},
                                     {{0xEE, 0xEF}, {any, any}},
                                     {{0xF0, 0xF0}, {{0x90, 0xBF}, any, any}},
                                     {{0xF1, 0xF3}, {any, any, any}},
                                     {{0xF4, 0xF4}, {{0x80, 0x8F}, any, any}}};
  return all;
}

bool within(char byte, range allowed) {
  const unsigned value = static_cast<unsigned char>(byte);
  return allowed.low <= value && value <= allowed.high;
}

bool begins_with(std::string_view text, const form& f) {
  return text.size() > f.rest.size() && within(text.front(), f.first) &&
         std::equal(f.rest.begin(), f.rest.end(), text.begin() + 1,
                    [](range allowed, char byte) { return within(byte, allowed); });
}

}  // namespace

std::vector<exposed_family> parse_exposition(std::string_view text) {
  if (!text.empty() && text.back() != '\n') throw std::runtime_error{"the last line does not end"};
  parser reader;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.read(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return reader.finish();
}

std::map<std::string, double> numbers_of(const std::vector<exposed_family>& families) {
  std::map<std::string, double> numbers;
  for (const exposed_family& family : families) {
    for (const exposed_sample& sample : family.samples) {
      numbers[identity_of(sample)] = sample.value;
    }
  }
  return numbers;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto found = std::find_if(forms().begin(), forms().end(),
                                    [&](const form& f) { return begins_with(text, f); });
    if (found == forms().end()) return false;
    text.remove_prefix(1 + found->rest.size());
  }
  return true;
}

}  // namespace querytap::testing
