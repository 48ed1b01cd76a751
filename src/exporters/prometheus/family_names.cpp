#include "family_names.hpp"

#include "exposition_metrics.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace querytap::detail {
namespace {

std::span<const std::string_view> suffixes_of(family_type type) {
  static constexpr std::string_view counter[] = {"_total", "_created"};
  static constexpr std::string_view histogram[] = {"_bucket", "_sum", "_count", "_created"};
  static constexpr std::string_view summary[] = {"_sum", "_count", "_created"};
  static constexpr std::string_view info[] = {"_info"};
  switch (type) {
    case family_type::counter: return counter;
    case family_type::histogram: return histogram;
    case family_type::summary: return summary;
    case family_type::info: return info;
    case family_type::gauge:
    case family_type::unknown: break;
  }
  return {};
}

std::string_view suffix_of_sample(family_type type) {
  switch (type) {
    case family_type::counter: return "_total";
    case family_type::info: return "_info";
    default: return "";
  }
}

// Prometheus makes these for each target, and each rule.
constexpr std::array names_of_server{"up",
                                     "scrape_duration_seconds",
                                     "scrape_samples_scraped",
                                     "scrape_samples_post_metric_relabeling",
                                     "scrape_series_added",
                                     "scrape_timeout_seconds",
                                     "scrape_sample_limit",
                                     "scrape_body_size_bytes",
                                     "ALERTS",
                                     "ALERTS_FOR_STATE"};

/// Every name that is not everyone's, with the instrument whose it is; null if it is the server's.
absl::flat_hash_map<std::string, const instrument*> names_of_owners() {
  absl::flat_hash_map<std::string, const instrument*> owners;
  for (const char* const name : names_of_server) owners.emplace(name, nullptr);
  const auto add = [&](const instrument& instrument) {
    const std::string family = open_metrics_name(instrument);
    for (std::string& name : names_of_family(family, exposed_type_of(instrument.kind))) {
      owners.emplace(std::move(name), &instrument);
    }
  };
  add(target_info);
  add(statement_info);
  for (const instrument* const instrument : catalog::all) add(*instrument);
  return owners;
}

// A shared library has constants of its own for the instruments of the catalog.
bool is_same_instrument(const instrument& a, const instrument& b) {
  return a.name == b.name && a.unit == b.unit && a.kind == b.kind;
}

bool belongs_to_another(const std::vector<std::string>& names, const instrument& claimant) {
  static const auto owners = names_of_owners();
  return std::ranges::any_of(names, [&](const std::string& name) {
    const auto owner = owners.find(name);
    if (owner == owners.end()) return false;
    return owner->second == nullptr || !is_same_instrument(*owner->second, claimant);
  });
}

}  // namespace

family_type exposed_type_of(instrument_kind kind) noexcept {
  switch (kind) {
    case instrument_kind::counter: return family_type::counter;
    case instrument_kind::histogram: return family_type::histogram;
    case instrument_kind::info: return family_type::info;
    case instrument_kind::up_down_counter:
    case instrument_kind::gauge: break;
  }
  return family_type::gauge;
}

std::vector<std::string> names_of_family(std::string_view family, family_type type) {
  std::vector<std::string> names{std::string{family}};
  for (const std::string_view suffix : suffixes_of(type)) {
    names.push_back(names.front() + std::string{suffix});
  }
  return names;
}

family_name family_names::take(const instrument& instrument) {
  family_name own{.family = open_metrics_name(instrument),
                  .unit = open_metrics_unit(instrument),
                  .type = exposed_type_of(instrument.kind)};
  const std::string wanted = own.family;
  std::optional<distinct_texts::holder> holder;
  for (unsigned number = 2;; ++number) {
    const std::vector<std::string> names = names_of_family(own.family, own.type);
    if (!belongs_to_another(names, instrument)) holder = taken_.take(names);
    if (holder.has_value()) break;
    own.family = fmt::format("{}_{}", wanted, number);
    own.unit.clear();  // which must be the end of the name
    own.is_renamed = true;
  }
  own.holder = std::move(*holder);
  own.sample = own.family + std::string{suffix_of_sample(own.type)};
  return own;
}

}  // namespace querytap::detail
