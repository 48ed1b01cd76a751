#pragma once

#include <querytap/decorators/chroma/records.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace querytap::chroma::detail {

/// What Chroma would refuse, or take and do something else with.
///
/// Errors   invalid_input, which says what is wrong, where, and what was expected.

/// `dimension` 0: not known yet. All vectors must have the same one, each number must be finite.
void check_vectors(std::string_view collection, std::span<const std::vector<float>> vectors,
                   std::uint32_t dimension);
enum class vectors_needed : bool { no, yes };
void check_records(std::string_view collection, const records& written, std::uint32_t dimension,
                   vectors_needed needed);
/// `largest` 0: not known.
void check_batch(std::string_view collection, std::size_t size, std::uint64_t largest);

}  // namespace querytap::chroma::detail
