#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rag_chatbot {

/// Three digits in the unit that fits: "812 ns", "4.13 µs", "12.3 ms", "1.20 s".
[[nodiscard]] std::string readable_duration(std::chrono::nanoseconds duration);

/// "1,234,567"
[[nodiscard]] std::string readable_count(std::uint64_t count);

/// "86.2 %" of the whole; "–" of nothing.
[[nodiscard]] std::string readable_share(double part, double whole);

}  // namespace rag_chatbot
