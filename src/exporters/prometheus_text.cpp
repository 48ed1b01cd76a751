#include <querytap/exporters/prometheus_name.hpp>
#include <querytap/exporters/prometheus_text.hpp>

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace querytap {
namespace {

std::string_view type_of(instrument_kind kind) {
  switch (kind) {
    case instrument_kind::counter: return "counter";
    case instrument_kind::histogram: return "histogram";
    case instrument_kind::up_down_counter:
    case instrument_kind::gauge: return "gauge";
  }
  return "untyped";
}

std::string escaped(std::string_view text, bool quotes) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\': result += "\\\\"; break;
      case '\n': result += "\\n"; break;
      case '"': result += quotes ? "\\\"" : "\""; break;
      default: result += c;
    }
  }
  return result;
}

// `a="b",c="d"`
std::string labels_of(const attributes& where) {
  std::string labels;
  for (const auto& [name, value] : prometheus_labels(where)) {
    if (!labels.empty()) labels += ',';
    labels += fmt::format("{}=\"{}\"", name, escaped(value, true));
  }
  return labels;
}

std::string braced(const std::string& labels) {
  return labels.empty() ? std::string{" "} : '{' + labels + "} ";
}

std::string header_of(const std::string& name, const instrument& what) {
  return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(what.description, false), name,
                     type_of(what.kind));
}

void append(std::string& to, std::uint64_t number) {
  const fmt::format_int text{number};
  to.append(text.data(), text.size());
  to += '\n';
}

void append(std::string& to, std::int64_t number) {
  const fmt::format_int text{number};
  to.append(text.data(), text.size());
  to += '\n';
}

// All that stays the same from scrape to scrape.
struct prefixes {
  std::shared_ptr<const series_identity> series;  // keeps the address that is the key
  std::uint64_t last_used = 0;
  std::string bucket;             // `name_bucket{labels,le="`
  std::vector<std::string> ends;  // `0.001"} `, the last one of +Inf
  std::string sum;                // `name_sum{labels} `
  std::string value;              // `name_count{labels} ` of a histogram, else `name{labels} `

  explicit prefixes(const point& of) : series{of.series} {
    const instrument& what = *series->what;
    const std::string name = prometheus_name(what);
    const std::string labels = labels_of(series->where);
    if (of.histogram == nullptr) {
      value = name + braced(labels);
      return;
    }
    bucket = fmt::format("{}_bucket{{{}{}le=\"", name, labels, labels.empty() ? "" : ",");
    for (const double bound : of.histogram->layout().bounds()) {
      ends.push_back(fmt::format("{}\"}} ", bound));
    }
    ends.emplace_back("+Inf\"} ");
    sum = name + "_sum" + braced(labels);
    value = name + "_count" + braced(labels);
  }

  // `counts` is room to work in, kept from series to series.
  void render(const histogram_data& data, std::vector<std::uint64_t>& counts,
              std::string& to) const {
    counts.resize(ends.size());
    data.explicit_counts(counts);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      below += counts[i];
      to += bucket;
      to += ends[i];
      append(to, below);
    }
    to += sum;
    fmt::format_to(std::back_inserter(to), "{}\n", data.to_unit(data.sum()));
    to += value;
    append(to, data.count());
  }

  void render(const point& p, std::vector<std::uint64_t>& counts, std::string& to) const {
    if (p.histogram != nullptr) return render(*p.histogram, counts, to);
    to += value;
    append(to, p.number);
  }
};

}  // namespace

class prometheus_text::prefix_cache {
 public:
  const prefixes& of(const point& p) {
    const auto [place, fresh] = by_series_.try_emplace(p.series.get());
    if (fresh) place->second = std::make_unique<prefixes>(p);
    place->second->last_used = generation_;
    return *place->second;
  }

  // Series that have left the snapshot are forgotten.
  void end_of_render() {
    absl::erase_if(by_series_,
                   [this](const auto& entry) { return entry.second->last_used != generation_; });
    ++generation_;
  }

  std::size_t size_of_last = 0;

 private:
  std::uint64_t generation_ = 0;
  absl::flat_hash_map<const series_identity*, std::unique_ptr<prefixes>> by_series_;
};

prometheus_text::prometheus_text() : prefixes_{std::make_unique<prefix_cache>()} {}
prometheus_text::~prometheus_text() = default;
prometheus_text::prometheus_text(prometheus_text&&) noexcept = default;
prometheus_text& prometheus_text::operator=(prometheus_text&&) noexcept = default;

std::string prometheus_text::render(const snapshot& from) {
  std::string body;
  body.reserve(prefixes_->size_of_last + prefixes_->size_of_last / 8);
  body += "# HELP target_info The service that these metrics are of.\n# TYPE target_info gauge\n";
  body += fmt::format("target_info{}1\n", braced(labels_of(from.resource)));
  std::vector<std::uint64_t> counts;
  for (const auto& family : from.metrics) {
    body += header_of(prometheus_name(*family->what), *family->what);
    for (const point& p : merge_statements(family->points)) {
      prefixes_->of(p).render(p, counts, body);
    }
  }
  prefixes_->end_of_render();
  prefixes_->size_of_last = body.size();
  return body;
}

}  // namespace querytap
