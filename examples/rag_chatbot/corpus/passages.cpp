#include <rag_chatbot/corpus/passages.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <algorithm>

namespace rag_chatbot {
namespace {

std::size_t words_in(std::string_view single_spaced_text) {
  if (single_spaced_text.empty()) return 0;
  const auto spaces = std::count(single_spaced_text.begin(), single_spaced_text.end(), ' ');
  return static_cast<std::size_t>(spaces) + 1;
}

/// The position at which the first `count` words end.
std::size_t end_of_words(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (count-- > 0 && end != std::string_view::npos) end = text.find(' ', end + 1);
  return std::min(end, text.size());
}

/// Collects the paragraphs of one section and closes a passage when it is long enough.
class section_cutter {
 public:
  section_cutter(const section& source, passage_size size, std::vector<passage>& passages)
      : source_{source}, size_{size}, passages_{passages} {}

  void cut() {
    std::string paragraph;
    for (const auto line : lines_of(source_.text)) {
      if (trim(line).empty()) {
        add(single_spaced(paragraph));
        paragraph.clear();
      } else {
        paragraph.append(line).push_back(' ');
      }
    }
    add(single_spaced(paragraph));
    close();
  }

 private:
  void add(std::string_view paragraph) {
    while (words_in(paragraph) > size_.most) {
      close();
      const auto end = end_of_words(paragraph, size_.most);
      append(paragraph.substr(0, end));
      paragraph = trim(paragraph.substr(end));
    }
    if (paragraph.empty()) return;
    if (words_ + words_in(paragraph) > size_.most) close();
    append(paragraph);
    if (words_ >= size_.least) close();
  }

  void append(std::string_view paragraph) {
    if (!body_.empty()) body_ += '\n';
    body_ += paragraph;
    words_ += words_in(paragraph);
  }

  void close() {
    if (!body_.empty()) passages_.push_back({source_.heading, std::move(body_)});
    body_.clear();
    words_ = 0;
  }

  const section& source_;
  const passage_size size_;
  std::vector<passage>& passages_;
  std::string body_;
  std::size_t words_ = 0;
};

}  // namespace

std::vector<passage> cut_into_passages(const document& source, passage_size size) {
  std::vector<passage> passages;
  for (const auto& part : source.sections) section_cutter{part, size, passages}.cut();
  return passages;
}

}  // namespace rag_chatbot
