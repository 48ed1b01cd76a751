#include "named.hpp"

#include "../../base/ascii.hpp"
#include "../../base/utf8.hpp"
#include "characters.hpp"
#include "word_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace querytap::detail {
namespace {

constexpr std::string_view reading_words =
    " chat count embeddings find generate_content get head heartbeat list options peek query "
    "rerank "
    "responses retrieval scroll search text_completion ";
constexpr std::string_view writing_words =
    " add create delete drop insert patch post put remove update upsert write ";

statement_kind kind_of_named(std::string_view word) {
  std::string padded{' '};
  std::ranges::transform(word, std::back_inserter(padded), ascii_lower);
  padded += ' ';
  if (reading_words.find(padded) != reading_words.npos) return statement_kind::read;
  return writing_words.find(padded) != writing_words.npos ? statement_kind::write
                                                          : statement_kind::other;
}

std::string with_single_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_space = static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
    if (!is_space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

statement_identity identify_named(std::string_view text) {
  constexpr std::size_t longest_summary = 255;
  constexpr std::size_t longest_read = 4096;
  const std::string shown = valid_utf8(with_single_blanks(text.substr(0, longest_read)));
  const std::string summary{utf8_prefix(shown, longest_summary)};
  return {.fingerprint = spread_hash(hash_of_text<letter_case::exact>(summary)),
          .text = summary,
          .summary = summary,
          .kind = kind_of_named(std::string_view{summary}.substr(0, summary.find(' '))),
          .is_named = true};
}

}  // namespace querytap::detail
