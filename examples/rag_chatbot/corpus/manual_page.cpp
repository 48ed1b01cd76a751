#include <rag_chatbot/corpus/manual_page.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <algorithm>
#include <array>

namespace rag_chatbot {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }

/// A heading begins at the margin and has capitals alone; lines of sample output may begin there too,
/// and have small letters.
bool is_heading(std::string_view line) {
  return !line.empty() && is_capital(line.front()) &&
         std::none_of(line.begin(), line.end(), is_small);
}

/// Sections of links and library names are in every page and answer no question.
bool answers_nothing(std::string_view heading) {
  constexpr std::array<std::string_view, 3> headings{"SEE ALSO", "LIBRARY", "COLOPHON"};
  return std::find(headings.begin(), headings.end(), heading) != headings.end();
}

std::vector<section> rendered_sections(std::string_view body) {
  std::vector<section> sections;
  for (const auto line : lines_of(body)) {
    if (is_heading(line)) {
      sections.push_back({std::string{line}, {}});
    } else if (!sections.empty()) {
      sections.back().text.append(line).push_back('\n');
    }
  }
  std::erase_if(sections, [](const section& part) { return answers_nothing(part.heading); });
  return sections;
}

/// The title line is at the top, the date and title at the foot: neither is text of the page.
std::string_view without_header_and_footer(std::string_view rendered) {
  const auto header_end = rendered.find('\n');
  if (header_end == std::string_view::npos) return {};
  auto body = trim(rendered.substr(header_end));
  const auto footer = body.rfind('\n');
  return footer == std::string_view::npos ? std::string_view{} : body.substr(0, footer);
}

}  // namespace

std::optional<document> parse_manual_page(std::string_view page, std::string_view rendered) {
  auto sections = rendered_sections(without_header_and_footer(rendered));
  const auto name = std::find_if(sections.begin(), sections.end(),
                                 [](const section& part) { return part.heading == "NAME"; });
  if (name == sections.end()) return std::nullopt;

  auto about = parse_name_line(single_spaced(name->text));
  if (!about) return std::nullopt;
  return document{std::string{page}, std::move(*about), std::move(sections)};
}

}  // namespace rag_chatbot
