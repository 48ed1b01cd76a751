#include <querytap/calls/sql_comment.hpp>

#include "../base/ascii.hpp"
#include "../query/sql/token_walk.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace querytap {
namespace {

constexpr std::size_t longest_sql_comment = 1024;
constexpr std::string_view traceparent_key = "traceparent";
constexpr std::string_view lower_hex = "0123456789abcdef";

// All but what never needs it: nothing is left that could end a string or a comment, nor a sign that
// makes a comment a hint or a command to some server.
void append_encoded(std::string& text, std::string_view value) {
  constexpr std::string_view upper_hex = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte < 0x80 && (detail::is_name_part(c) || detail::is_char_of(c, "-.~"));
    if (is_plain) {
      text += c;
    } else {
      text += {'%', upper_hex[byte >> 4], upper_hex[byte & 15]};
    }
  }
}

std::string encoded(std::string_view value) {
  std::string text;
  append_encoded(text, value);
  return text;
}

struct encoded_tag {
  std::string key;
  std::string_view value;
};

std::vector<encoded_tag> sorted_tags(std::span<const sql_comment::tag> tags) {
  std::vector<encoded_tag> sorted;
  for (const auto& [key, value] : tags) {
    if (key.empty()) throw configuration_error{"comment", "", "expected a key for each tag"};
    sorted.push_back({encoded(key), value});
  }
  std::ranges::sort(sorted, {}, &encoded_tag::key);
  const auto twice = std::ranges::adjacent_find(sorted, {}, &encoded_tag::key);
  if (twice != sorted.end()) {
    throw configuration_error{"comment", twice->key, "expected each key once"};
  }
  return sorted;
}

void append_tag(std::string& text, const encoded_tag& tag) {
  if (!text.empty()) text += ',';
  text += tag.key;
  text += "='";
  append_encoded(text, tag.value);
  text += '\'';
}

void append_traceparent(std::string& text, const trace_context& trace) {
  const auto append = [&text](std::uint8_t byte) {
    text += {lower_hex[byte >> 4], lower_hex[byte & 15]};
  };
  text += "traceparent='00-";
  for (const std::uint8_t byte : trace.trace_id) append(byte);
  text += '-';
  for (const std::uint8_t byte : trace.span_id) append(byte);
  text += '-';
  append(trace.flags);
  text += '\'';
}

/// Behind the last token of the text that is neither blank nor a semicolon; null where the text ends in
/// a comment, or a token of it is not closed.
const char* end_of_tokens(std::string_view sql, const detail::token_walk& walk) noexcept {
  const char* found = nullptr;
  bool ends_in_comment = false;
  for (const char *at = sql.data(), *const end = at + sql.size(); at != end;) {
    if (detail::is_blank(*at) || *at == ';') {
      ++at;
    } else if (const char* const stop = walk.past_comment(at)) {
      ends_in_comment = true;
      at = stop;
    } else {
      at = walk.past_token(at);
      if (at == nullptr) return nullptr;
      ends_in_comment = false;
      found = at;
    }
  }
  return ends_in_comment ? nullptr : found;
}

/// `PREPARE name AS …`, whose text the server keeps.
bool prepares(std::string_view sql) noexcept {
  constexpr std::string_view word = "prepare";
  const std::size_t begin = sql.find_first_not_of(" \t\r\n");
  if (begin == sql.npos || sql.size() - begin <= word.size()) return false;
  return detail::equal_ignoring_case(sql.substr(begin, word.size()), word);
}

/// Where the comment goes, in bytes from the begin; 0 for nowhere. Where a backslash may be an escape,
/// all readings of the text must agree.
std::size_t place_of_comment(std::string_view sql, dialect dialect) noexcept {
  if (sql.find('\0') != sql.npos) return 0;
  const detail::overread_text text{sql};
  const std::string_view readable{text.begin(), sql.size()};
  const detail::sql_lexer lexer{text, {.language = dialect}};
  using escapes = detail::token_walk::escape_places;
  constexpr std::array<escapes, 3> readings{escapes{}, escapes{true, true}, escapes{true, false}};
  const bool is_doubtful = dialect != dialect::sqlite && sql.find('\\') != sql.npos;
  const char* place = end_of_tokens(readable, {lexer, readings[0]});
  if (place == nullptr) return 0;
  for (std::size_t i = 1; is_doubtful && i < readings.size(); ++i) {
    if (end_of_tokens(readable, {lexer, readings[i]}) != place) return 0;
  }
  const std::string_view before = detail::text_between(text.begin(), place);
  // A comment that a server of MySQL's executes is none to the lexer.
  return before.ends_with("*/") ? 0 : before.size();
}

}  // namespace

sql_comment::sql_comment(std::span<const tag> tags, trace_tag trace)
    : traces_{trace == trace_tag::if_sampled} {
  for (const encoded_tag& sorted : sorted_tags(tags)) {
    if (traces_ && sorted.key == traceparent_key) {
      throw configuration_error{"comment", sorted.key,
                                "expected no tag of that name beside the trace's"};
    }
    append_tag(traces_ && sorted.key > traceparent_key ? last_ : first_, sorted);
  }
  if (first_.size() + last_.size() > longest_sql_comment) {
    throw configuration_error{"comment", first_.substr(0, 40), "expected at most 1 KiB of tags"};
  }
}

std::string_view sql_comment::append_slow(std::string_view sql, dialect dialect,
                                          std::string& buffer) const {
  const trace_context* const trace = traces_ ? detail::current_trace : nullptr;
  const bool has_trace = trace != nullptr && trace->sampled();
  if (first_.empty() && last_.empty() && !has_trace) return sql;
  if (dialect == dialect::redis || dialect == dialect::mongodb || dialect == dialect::named)
    return sql;
  if (prepares(sql)) return sql;
  const std::size_t place = place_of_comment(sql, dialect);
  if (place == 0) return sql;

  buffer.assign(sql.substr(0, place));
  buffer += " /*";
  const std::size_t begin = buffer.size();
  const auto separate = [&] {
    if (buffer.size() != begin) buffer += ',';
  };
  buffer += first_;
  if (has_trace) {
    separate();
    append_traceparent(buffer, *trace);
  }
  if (!last_.empty()) {
    separate();
    buffer += last_;
  }
  buffer += "*/";
  buffer += sql.substr(place);
  return buffer;
}

}  // namespace querytap
