#include "redis.hpp"

#include "../text/characters.hpp"
#include "../text/command_text.hpp"
#include "../text/word_hash.hpp"
#include "redis_commands.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

/// Splits a command line into its arguments, as redis-cli does.
class redis_argument_reader {
 public:
  explicit redis_argument_reader(std::string_view line) noexcept : left_{line} {}

  /// The next argument as written, with its quotes; empty at the end.
  [[nodiscard]] std::string_view next() noexcept {
    while (!left_.empty() && is_blank(left_.front())) left_.remove_prefix(1);
    std::size_t size = 0;
    char quote = '\0';
    for (; size < left_.size(); ++size) {
      const char c = left_[size];
      if (quote == '\0' && is_blank(c)) break;
      if (quote != '\0' && c == '\\') {
        ++size;
      } else if (quote == '\0' ? is_char_of(c, "\"'") : c == quote) {
        quote = quote == '\0' ? c : '\0';
      }
    }
    const std::string_view found = left_.substr(0, size);
    left_.remove_prefix(found.size());
    return found;
  }

 private:
  std::string_view left_;
};

/// Whether an unknown command has the form of one: `FT.SEARCH`.
bool is_redis_command_name(std::string_view text) noexcept {
  constexpr std::size_t longest = 32;
  return text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
           const char letter = ascii_lower(c);
           return (letter >= 'a' && letter <= 'z') || is_char_of(c, "._-");
         });
}

/// The words by which the decorator names commands that were sent together. MULTI itself has no
/// arguments.
bool is_redis_frame(std::string_view name) noexcept {
  return equal_ignoring_case(name, "PIPELINE") || equal_ignoring_case(name, "MULTI");
}

class redis_reader {
 public:
  explicit redis_reader(std::string_view command) noexcept : text_{command}, arguments_{command} {
    std::string_view name = arguments_.next();
    if (name.empty()) return;
    if (!is_redis_command_name(name)) {
      put_value();
      add_rest({});
      return;
    }
    put_word(name);
    summary_ = name;
    redis_command known = find_redis_command(name);
    kind_ = known.kind;
    if (is_redis_frame(name) && add_framed(name)) known = find_redis_command(name);
    if (known.has_subcommands) add_subcommand();
    add_rest(known);
  }

  [[nodiscard]] statement_identity identity() {
    return {.fingerprint = text_.fingerprint(),
            .text = text_.text(),
            .summary = summary_,
            .kind = kind_,
            .is_command = true};
  }

 private:
  void put_word(std::string_view word) noexcept {
    text_.put(word, spacing::word, hash_of_text<letter_case::folded>(word));
    is_after_value_ = false;
  }
  void put_value() noexcept {
    if (!is_after_value_) text_.value();
    is_after_value_ = true;
  }

  /// The command that all of a batch are; leaves its name in `name`.
  bool add_framed(std::string_view& name) {
    redis_argument_reader ahead = arguments_;
    const std::string_view command = ahead.next();
    if (command.empty() || !is_redis_command_name(command)) return false;
    arguments_ = ahead;
    name = command;
    put_word(name);
    summary_ += ' ';
    summary_ += name;
    kind_ = statement_kind::other;  // neither one read nor one write
    return true;
  }

  void add_subcommand() {
    const std::string_view name = arguments_.next();
    if (name.empty()) return;
    if (!is_redis_subcommand(name)) return put_value();
    put_word(name);
    summary_ += ' ';
    summary_ += name;
  }

  void add_rest(const redis_command& known) noexcept {
    std::string_view argument = arguments_.next();
    for (std::size_t at = 0; !argument.empty(); argument = arguments_.next(), ++at) {
      if (at >= known.values_before_options && is_redis_option(known, argument)) {
        put_word(argument);
      } else {
        if (at <= known.values_before_options) is_after_value_ = false;
        put_value();
      }
    }
  }

  command_text text_;
  redis_argument_reader arguments_;
  std::string summary_;
  statement_kind kind_ = statement_kind::other;
  bool is_after_value_ = false;
};

}  // namespace

statement_identity identify_redis(std::string_view command) {
  redis_reader reader{command};
  return reader.identity();
}

}  // namespace querytap::detail
