#pragma once

#include <string>
#include <string_view>

namespace rag_chatbot {

/// Removes the typewriter's bold ("A\bA") and underline ("_\bA") from UTF-8 text.
[[nodiscard]] std::string strip_overstrike(std::string_view text);

}  // namespace rag_chatbot
