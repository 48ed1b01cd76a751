#pragma once

#include <querytap/base/trace_context.hpp>

#include <array>
#include <cstdint>

namespace querytap::detail {

/// A trace that begins here, sampled, without a span. Ids are drawn by chance, for telling them apart
/// and for nothing secret.
[[nodiscard]] trace_context random_trace() noexcept;
[[nodiscard]] std::array<std::uint8_t, 8> random_span_id() noexcept;

}  // namespace querytap::detail
