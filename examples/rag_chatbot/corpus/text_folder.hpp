#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// The folder given as corpus cannot be used; the message names the folder and the reason.
class unusable_corpus : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Every .txt, .text, .md and .markdown file below the folder, by path. Throws unusable_corpus if
/// the path does not exist, is not a folder, or has no such file with text.
[[nodiscard]] std::vector<document> load_text_folder(const std::filesystem::path& folder);

/// Markdown's headings are the sections; the first heading, or else the first line, says what the
/// document is about.
[[nodiscard]] document parse_text(std::string_view page, std::string_view text);

}  // namespace rag_chatbot
