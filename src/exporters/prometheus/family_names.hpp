#pragma once

#include "distinct_texts.hpp"

#include <querytap/exporters/prometheus/family_filter.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The name of a family, as long as this object lives its own alone.
struct family_name {
  std::string family = {};  ///< as in OpenMetrics, without `_total` and `_info`
  std::string sample = {};  ///< as in text 0.0.4 and protobuf, with them
  std::string unit = {};    ///< of OpenMetrics; empty if the family does not end in it
  family_type type = family_type::unknown;
  bool is_renamed = false;
  distinct_texts::holder holder = {};
};

[[nodiscard]] family_type exposed_type_of(instrument_kind kind) noexcept;

/// Recorded integers per exported unit. The number of an info is always 1, whatever its unit.
[[nodiscard]] constexpr double exported_number_divisor(const instrument& instrument) noexcept {
  return instrument.kind == instrument_kind::info ? 1 : instrument.recorded_per_unit();
}

/// Every name that a family of this type has in any of the formats, those of its samples included.
/// No other family may have one of them: readers take the sample `a_count` for the count of a
/// histogram `a`.
[[nodiscard]] std::vector<std::string> names_of_family(std::string_view family, family_type type);

/// Gives each instrument of a scrape names of its own. Whose names are taken gets a number behind
/// them, `a_2`; those of the catalog, which dashboards refer to, are never taken by an instrument
/// of the application.
///
/// Threads  one at a time.
class family_names {
 public:
  [[nodiscard]] family_name take(const instrument& instrument);

 private:
  distinct_texts taken_;
};

}  // namespace querytap::detail
