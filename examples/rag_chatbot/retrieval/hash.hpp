#pragma once

#include <cstdint>
#include <string_view>

namespace rag_chatbot {

inline constexpr std::uint64_t hash_start = 14695981039346656037ULL;

/// FNV-1a: equal on every machine, which std::hash does not promise.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text,
                                              std::uint64_t hash = hash_start) noexcept {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace rag_chatbot
