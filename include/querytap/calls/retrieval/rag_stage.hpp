#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// A step on the way from a question to its answer.
enum class rag_stage : std::uint8_t {
  embed,     ///< the question becomes a vector
  retrieve,  ///< one strategy looks for passages
  merge,     ///< what several strategies found becomes one list
  rerank,    ///< the list is put into a better order
  prompt,    ///< the prompt is written
  generate,  ///< the model answers
};

inline constexpr std::size_t rag_stages = 6;

/// The value of the attribute `querytap.stage`.
[[nodiscard]] constexpr std::string_view to_string(rag_stage stage) noexcept {
  constexpr std::array<std::string_view, rag_stages> names{"embed",  "retrieve", "merge",
                                                           "rerank", "prompt",   "generate"};
  return names[static_cast<std::size_t>(stage)];
}

}  // namespace querytap
