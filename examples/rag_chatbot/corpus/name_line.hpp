#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// What a manual page says about itself: "pipe, pipe2 - create pipe".
struct name_line {
  std::vector<std::string> names;
  std::string description;

  friend bool operator==(const name_line&, const name_line&) = default;
};

/// Nothing if the line has no " - " or nothing on one side of it.
[[nodiscard]] std::optional<name_line> parse_name_line(std::string_view line);

/// The line again: "pipe, pipe2 - create pipe".
[[nodiscard]] std::string to_string(const name_line& about);

}  // namespace rag_chatbot
