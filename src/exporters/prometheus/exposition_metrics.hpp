#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

inline constexpr instrument target_info{"target.info", "", instrument_kind::info,
                                        "The service that these metrics are of."};
inline constexpr instrument statement_info{"querytap.statement.info", "", instrument_kind::info,
                                           "The text of a statement, without its literals."};

/// Not the catalog's own object: whoever binds that has another family.
inline constexpr instrument renamed_series = catalog::scrape_renamed;

/// The metrics of a scrape that no recorder has: of the resource, and of the exposition itself.
///
/// Threads  one at a time.
class exposition_metrics {
 public:
  /// `target_info`; null without a resource. Good until the next call.
  [[nodiscard]] const metric* resource(const attributes& resource);

  /// How many series of an instrument are exported under another name or with another label.
  void count_renamed(const instrument& instrument, std::size_t series);
  /// What was counted since the last call, as a metric; null if nothing was. Good until the next
  /// call.
  [[nodiscard]] const metric* take_renamed();

 private:
  using identity = std::shared_ptr<const series_identity>;

  identity resource_identity_;
  std::optional<metric> resource_;
  std::map<std::string_view, std::int64_t> renamed_counts_;  // by the name of the instrument
  std::map<std::string, identity, std::less<>> renamed_identities_;
  std::optional<metric> renamed_;
};

}  // namespace querytap::detail
