#include <rag_chatbot/corpus/name_line.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

namespace rag_chatbot {

std::optional<name_line> parse_name_line(std::string_view line) {
  constexpr std::string_view separator = " - ";
  const auto dash = line.find(separator);
  if (dash == std::string_view::npos) return std::nullopt;

  name_line about;
  about.description = trim(line.substr(dash + separator.size()));
  auto names = line.substr(0, dash);
  while (!names.empty()) {
    const auto comma = names.find(',');
    if (const auto name = trim(names.substr(0, comma)); !name.empty()) {
      about.names.emplace_back(name);
    }
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
  if (about.names.empty() || about.description.empty()) return std::nullopt;
  return about;
}

std::string to_string(const name_line& about) {
  return fmt::format("{} - {}", fmt::join(about.names, ", "), about.description);
}

}  // namespace rag_chatbot
