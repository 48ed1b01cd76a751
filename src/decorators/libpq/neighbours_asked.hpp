#pragma once

#include "noted_values.hpp"

#include <querytap/query/nearest_neighbours.hpp>

#include <cstdint>
#include <optional>

namespace querytap::libpq::detail {

/// How many nearest neighbours a call asks for, by its text or by the value that the text names; nothing where
/// neither tells. A binary value counts as an integer.
[[nodiscard]] std::optional<std::uint64_t> neighbours_asked(const search_limit& limit,
                                                            const sent_values& sent) noexcept;

}  // namespace querytap::libpq::detail
