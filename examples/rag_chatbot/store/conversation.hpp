#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rag_chatbot {

using conversation_id = std::int64_t;

enum class speaker : std::uint8_t { user, assistant };

/// As it is stored: "user", "assistant".
[[nodiscard]] std::string_view to_string(speaker speaker);
[[nodiscard]] speaker speaker_named(std::string_view name);

struct message {
  speaker author;
  std::string body;

  friend bool operator==(const message&, const message&) = default;
};

}  // namespace rag_chatbot
