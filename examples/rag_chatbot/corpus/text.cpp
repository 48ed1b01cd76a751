#include <rag_chatbot/corpus/text.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace rag_chatbot {
namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";

unsigned char byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

/// The bytes of the well-formed character at the front, 0 without one (Unicode table 3-7).
std::size_t character_size(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  const unsigned second = byte_at(text, 1);
  const bool two = is_continuation(byte_at(text, 1));
  const bool three = two && is_continuation(byte_at(text, 2));
  const bool four = three && is_continuation(byte_at(text, 3));
  if (first >= 0x01 && first <= 0x7F) return 1;
  if (first >= 0xC2 && first <= 0xDF) return two ? 2 : 0;
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second > 0x9F) return 0;
  if (first >= 0xE0 && first <= 0xEF) return three ? 3 : 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  if (first >= 0xF0 && first <= 0xF4) return four ? 4 : 0;
  return 0;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

std::string single_spaced(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : trim(text)) {
    const bool space = white_space.find(c) != std::string_view::npos;
    if (space && result.ends_with(' ')) continue;
    result += space ? ' ' : c;
  }
  return result;
}

std::string_view shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_continuation(byte_at(text, bytes))) --bytes;
  return text.substr(0, bytes);
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto size = character_size(text);
    result += size == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return result;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream input{file, std::ios::binary};
  if (!input) throw std::runtime_error{"cannot read " + file.string()};
  return {std::istreambuf_iterator<char>{input}, {}};
}

}  // namespace rag_chatbot
