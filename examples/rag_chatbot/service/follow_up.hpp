#pragma once

#include <rag_chatbot/store/conversation.hpp>

#include <span>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// The text to search for: "and what are its errors?" names nothing, so the question before is put in
/// front. A question that refers to nothing is returned as it is.
[[nodiscard]] std::string with_what_it_refers_to(std::string_view question,
                                                 std::span<const message> history);

}  // namespace rag_chatbot
