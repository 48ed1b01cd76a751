#pragma once

#include <querytap/base/function.hpp>

#include <cstdint>
#include <string_view>

namespace querytap {

/// What a family is in a scrape; `unknown` is Prometheus' `untyped`.
enum class family_type : std::uint8_t { unknown, counter, gauge, histogram, summary, info };

/// Whether a scrape is to have a family. `family` is its name in OpenMetrics: that of a counter
/// without `_total`, that of an info without `_info`.
///
///     const family_filter pools = [](std::string_view family, family_type) {
///       return family.starts_with("db_client_connection_");
///     };
///     prometheus_text{}.render(recorder.collect(), pools, body);
using family_filter = std::function<bool(std::string_view family, family_type type)>;

}  // namespace querytap
