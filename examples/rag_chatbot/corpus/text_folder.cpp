#include <rag_chatbot/corpus/text_folder.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rag_chatbot {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> text_extensions{".txt", ".text", ".md", ".markdown"};

bool is_text(const fs::directory_entry& entry) {
  return entry.is_regular_file() &&
         std::find(text_extensions.begin(), text_extensions.end(),
                   entry.path().extension().string()) != text_extensions.end();
}

bool is_markdown_heading(std::string_view line) {
  const auto text = line.find_first_not_of('#');
  return text != std::string_view::npos && text > 0 && line[text] == ' ';
}

std::string_view heading_text(std::string_view line) {
  return trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
}

std::vector<section> sections_of(std::string_view text) {
  std::vector<section> sections{{"", ""}};
  for (const auto line : lines_of(text)) {
    if (is_markdown_heading(line)) {
      sections.push_back({std::string{heading_text(line)}, {}});
    } else {
      sections.back().text.append(line).push_back('\n');
    }
  }
  std::erase_if(sections, [](const section& part) { return trim(part.text).empty(); });
  return sections;
}

std::string title_of(std::string_view text) {
  for (const auto line : lines_of(text)) {
    if (const auto title = heading_text(trim(line)); !title.empty()) {
      return single_spaced(shortened(title, 120));
    }
  }
  return {};
}

}  // namespace

document parse_text(std::string_view page, std::string_view text) {
  return {std::string{page}, {{std::string{page}}, title_of(text)}, sections_of(text)};
}

std::vector<document> load_text_folder(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw unusable_corpus{fmt::format("corpus '{}' is not a folder", folder.string())};
  }
  std::vector<document> documents;
  for (const auto& entry :
       fs::recursive_directory_iterator{folder, fs::directory_options::skip_permission_denied}) {
    if (!is_text(entry)) continue;
    const auto page = valid_utf8(fs::relative(entry.path(), folder).generic_string());
    auto parsed = parse_text(page, valid_utf8(read_file(entry.path())));
    if (!parsed.sections.empty()) documents.push_back(std::move(parsed));
  }
  if (documents.empty()) {
    throw unusable_corpus{
        fmt::format("corpus '{}' has no text in it: no file named {} that is not empty",
                    folder.string(), fmt::join(text_extensions, ", "))};
  }
  std::sort(documents.begin(), documents.end(),
            [](const document& a, const document& b) { return a.page < b.page; });
  return documents;
}

}  // namespace rag_chatbot
