#pragma once

#include <querytap/base/trace_context.hpp>

#include <array>
#include <cstdint>

namespace querytap::detail {

/// A trace that begins here, sampled, without a span. Ids are random so that they differ; they are
/// not secrets.
[[nodiscard]] trace_context random_trace() noexcept;
[[nodiscard]] std::array<std::uint8_t, 8> random_span_id() noexcept;

}  // namespace querytap::detail
