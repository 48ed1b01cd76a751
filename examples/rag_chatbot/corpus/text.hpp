#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// Without white space at either end.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The lines of a text, without their line ends.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

/// Every run of white space becomes one space; none is left at either end.
[[nodiscard]] std::string single_spaced(std::string_view text);

/// At most `bytes` of the text, never half a character.
[[nodiscard]] std::string_view shortened(std::string_view text, std::size_t bytes);

/// Invalid UTF-8, and the zero byte that PostgreSQL refuses, replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

[[nodiscard]] std::string read_file(const std::filesystem::path& file);

}  // namespace rag_chatbot
