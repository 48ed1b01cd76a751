#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace querytap {

/// The tokens of a call, as the endpoint reports them. What it does not report is nothing, not 0.
///
/// Source   OpenTelemetry's conventions of generative AI: `input` has the cached ones in it, and
///          `output` those of reasoning.
struct token_usage {
  std::optional<std::uint64_t> input = {};
  std::optional<std::uint64_t> output = {};
  std::optional<std::uint64_t> cached = {};         ///< of the input: read from a cache of prompts
  std::optional<std::uint64_t> cache_written = {};  ///< of the input: put into that cache
  std::optional<std::uint64_t> reasoning = {};      ///< of the output

  [[nodiscard]] bool is_reported() const noexcept {
    return input.has_value() || output.has_value();
  }
  friend bool operator==(const token_usage&, const token_usage&) = default;
};

/// How many tokens a text of so many bytes of UTF-8 may have: a quarter as many, rounded up, which is
/// right for English within some 20 % and too many for other scripts. For calls that report none; what is
/// estimated is exported as such, and has no cost.
[[nodiscard]] constexpr std::uint64_t estimated_tokens(std::size_t bytes) noexcept {
  return bytes / 4 + (bytes % 4 != 0 ? 1 : 0);
}

}  // namespace querytap
