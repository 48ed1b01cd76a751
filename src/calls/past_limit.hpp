#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/outcome.hpp>

#include <string_view>

namespace querytap::detail {

// What calls count under that exceed a limit: of series, or of kinds of failures, phases or systems.

inline constexpr std::string_view other_name = "_OTHER";
inline constexpr outcome other_failure = outcome::error(other_name);

[[nodiscard]] inline attributes overflow_labels() { return {{"otel.metric.overflow", true}}; }

}  // namespace querytap::detail
