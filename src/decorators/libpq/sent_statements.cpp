#include "sent_statements.hpp"

#include "../../base/ascii.hpp"
#include "../../query/sql/token_walk.hpp"

namespace querytap::libpq::detail {

namespace text_rules = querytap::detail;

bool sent_statements::may_be_several() const noexcept {
  const std::size_t first = text_.find(';');
  return first != text_.npos && text_.find_first_not_of("; \t\r\n", first) != text_.npos;
}

bool sent_statements::is_divisible() const noexcept {
  const text_rules::overread_text text{text_};
  const text_rules::sql_lexer lexer{text, {}};
  const text_rules::token_walk walk{lexer, {escapes_, false}};
  std::size_t depth = 0;
  for (const char* at = text.begin(); at != text.end();) {
    if (text_rules::is_blank(*at)) {
      ++at;
      continue;
    }
    if (const char* const stop = walk.past_comment(at)) {
      at = stop;
      continue;
    }
    if (*at == '(') ++depth;
    if (*at == ')' && depth > 0) --depth;
    if (*at == ';' && depth > 0) return false;
    const char* const stop = walk.past_token(at);
    if (stop == nullptr) return false;
    // The body of a function: `begin atomic …; …; end`.
    if (text_rules::equal_ignoring_case(text_rules::text_between(at, stop), "atomic")) return false;
    at = stop;
  }
  return true;
}

std::string_view sent_statements::take_next(std::string_view& rest) const noexcept {
  const text_rules::overread_text text{rest};
  const text_rules::sql_lexer lexer{text, {}};
  const text_rules::token_walk walk{lexer, {escapes_, false}};
  const char* begin = nullptr;
  const char* end = text.begin();
  const char* at = text.begin();
  while (at != text.end() && *at != ';') {
    if (text_rules::is_blank(*at)) {
      ++at;
    } else if (const char* const stop = walk.past_comment(at)) {
      at = stop;
    } else {
      if (begin == nullptr) begin = at;
      at = end = walk.past_token(at);
    }
  }
  const auto offset = [&text](const char* place) {
    return static_cast<std::size_t>(place - text.begin());
  };
  const std::string_view found = begin == nullptr
                                     ? std::string_view{}
                                     : rest.substr(offset(begin), offset(end) - offset(begin));
  rest.remove_prefix(at == text.end() ? rest.size() : offset(at) + 1);
  return found;
}

}  // namespace querytap::libpq::detail
