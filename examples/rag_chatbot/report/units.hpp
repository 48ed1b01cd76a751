#pragma once

#include <string>

namespace rag_chatbot {

/// "86.2 %" of the whole; "–" of nothing.
[[nodiscard]] std::string readable_share(double part, double whole);

}  // namespace rag_chatbot
