#include "readings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace querytap::detail {
namespace {

/// Which quotes hold backslashes that are escapes.
struct quote_escapes {
  bool in_single;
  bool in_double;
};

/// One way to read a text.
class text_reading {
 public:
  text_reading() noexcept = default;
  text_reading(const sql_lexer& lexer, quote_escapes escapes, const char* at) noexcept
      : lexer_{&lexer}, escapes_{escapes}, at_{at} {}

  /// Where the next token begins.
  [[nodiscard]] const char* at() const noexcept { return at_; }
  void skip_token() noexcept { at_ = past_token(at_); }

 private:
  [[nodiscard]] const char* past_token(const char* at) const noexcept;
  [[nodiscard]] const char* past_quoted(const char* quote, bool escapes) const noexcept;
  [[nodiscard]] const char* past_word_or_string(const char* at) const noexcept;

  const sql_lexer* lexer_ = nullptr;
  quote_escapes escapes_{};
  const char* at_ = nullptr;
};

const char* text_reading::past_token(const char* at) const noexcept {
  if (const char* comment = lexer_->past_comment(at)) return comment;
  switch (*at) {
    case '\'': return past_quoted(at, escapes_.in_single);
    case '"': return past_quoted(at, escapes_.in_double);
    case '`': return lexer_->is(dialect::mysql) ? past_quoted(at, false) : at + 1;
    case '#': return lexer_->is(dialect::mysql) ? lexer_->past_line(at) : at + 1;
    case '$': {
      const char* stop = lexer_->is(dialect::postgresql) ? lexer_->past_dollar_quote(at) : nullptr;
      return stop == nullptr ? at + 1 : stop;
    }
    default: return is_name_part(*at) ? past_word_or_string(at) : at + 1;
  }
}

const char* text_reading::past_quoted(const char* quote, bool escapes) const noexcept {
  const char* stop = lexer_->past_segment(quote, escapes);
  return stop == nullptr ? lexer_->end() : stop;
}

/// PostgreSQL's E'…' has escapes whatever the settings are.
const char* text_reading::past_word_or_string(const char* at) const noexcept {
  const char* stop = lexer_->past_word(at);
  const bool is_escaped = lexer_->is(dialect::postgresql) && stop - at == 1 &&
                          ascii_lower(*at) == 'e' && lexer_->peek(stop, 0) == '\'';
  return is_escaped ? past_quoted(stop, true) : stop;
}

/// All ways to read a text under the settings that are possible.
class possible_readings {
 public:
  possible_readings(const sql_lexer& lexer, const char* at) noexcept {
    const sql_rules rules = lexer.rules();
    const auto add = [&](quote_escapes escapes) {
      readings_[count_++] = text_reading{lexer, escapes, at};
    };
    const bool may_be_string = rules.double_quoted_names != setting::on;
    const bool may_be_name = rules.double_quoted_names != setting::off;
    if (rules.backslash_escapes != setting::on) add({false, false});
    if (rules.backslash_escapes == setting::off) return;
    if (may_be_string) add({true, true});
    if (may_be_name) add({true, false});
  }

  /// Where a token begins in all of them.
  [[nodiscard]] const char* where_they_meet() noexcept {
    const std::span all{readings_.data(), count_};
    for (text_reading& reading : all) reading.skip_token();
    for (;;) {
      const auto [first, last] = std::minmax_element(
          all.begin(), all.end(),
          [](const text_reading& a, const text_reading& b) { return a.at() < b.at(); });
      if (first->at() == last->at()) return last->at();
      first->skip_token();
    }
  }

 private:
  std::array<text_reading, 3> readings_;
  std::size_t count_ = 0;
};

}  // namespace

const char* past_doubtful_string(const sql_lexer& lexer, const char* quote) noexcept {
  for (;;) {
    const char* stop = lexer.past_segment(quote, false);
    if (stop == nullptr) return lexer.end();
    if (find_byte(quote, stop, '\\') != nullptr) {
      stop = possible_readings{lexer, quote}.where_they_meet();
    }
    quote = lexer.next_segment(stop, *quote);
    if (quote == nullptr) return stop;
  }
}

}  // namespace querytap::detail
