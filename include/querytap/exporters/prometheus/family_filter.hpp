#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace querytap {

/// What a family is in a scrape; `unknown` is Prometheus' `untyped`.
enum class family_type : std::uint8_t { unknown, counter, gauge, histogram, summary, info };

/// Whether a scrape is to have a family. `family` is its name in OpenMetrics: that of a counter
/// without `_total`, that of an info without `_info`.
///
///     format.render(snapshot, [](std::string_view family, family_type) { return family == "up"; },
///                   body);
using family_filter = std::function<bool(std::string_view family, family_type type)>;

}  // namespace querytap
