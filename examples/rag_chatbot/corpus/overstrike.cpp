#include <rag_chatbot/corpus/overstrike.hpp>

namespace rag_chatbot {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void remove_last_character(std::string& text) {
  while (!text.empty() && continues_character(text.back())) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace

std::string strip_overstrike(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if (c == '\b') {
      remove_last_character(result);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace rag_chatbot
