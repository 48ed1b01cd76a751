#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <optional>
#include <string_view>

namespace rag_chatbot {

/// Reads a rendered manual page, overstrike stripped. Nothing for a redirect (`.so man2/open.2`):
/// a redirect has no NAME section, and its target is read as a page of its own.
[[nodiscard]] std::optional<document> parse_manual_page(std::string_view page,
                                                        std::string_view rendered);

}  // namespace rag_chatbot
