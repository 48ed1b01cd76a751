#include "mongodb.hpp"

#include "../text/characters.hpp"
#include "../text/command_text.hpp"
#include "../text/list_folding.hpp"
#include "../text/targets.hpp"
#include "../text/word_hash.hpp"
#include "member_folding.hpp"
#include "mongodb_path.hpp"
#include "mongodb_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace querytap::detail {
namespace {

class mongodb_reader {
 public:
  explicit mongodb_reader(std::string_view command) noexcept
      : text_{command}, at_{command.data()}, end_{command.data() + command.size()} {
    levels_.front() = {};
    while (at_ != end_) read();
    for (; depth_ != 0; --depth_) end_level();
  }

  [[nodiscard]] statement_identity identity() {
    return {text_.fingerprint(), text_.text(), targets_.text(), targets_.tables(), kind_};
  }

 private:
  struct mongodb_level {
    mongodb_part part;
    bool is_array;
    bool is_key_next;
    bool is_first_key;
    std::string_view key;  ///< of the member; in an array, of the array
  };

  static constexpr std::size_t deepest = 64;

  void read() noexcept {
    switch (*at_) {
      case '{': return open('{');
      case '[': return open('[');
      case '}':
      case ']': return close();
      case ',': return comma();
      case ':':
        put_comma();
        text_.put(':', spacing::separator);
        ++at_;
        return;
      case '"':
      case '\'': return read_string();
      default: break;
    }
    if (is_blank(*at_)) {
      ++at_;
    } else {
      read_bare();
    }
  }

  // Behind the closing quote, or at the end.
  [[nodiscard]] const char* past_string(const char* begin) const noexcept {
    const char quote = *begin;
    for (++begin; begin != end_ && *begin != quote; ++begin) {
      if (*begin == '\\' && ++begin == end_) return end_;
    }
    return begin == end_ ? end_ : begin + 1;
  }

  void read_string() noexcept {
    const char* stop = past_string(at_);
    const bool is_closed = stop - at_ > 1 && stop[-1] == *at_;
    const std::size_t size = static_cast<std::size_t>(stop - at_);
    const std::string_view whole{at_, size};
    const std::string_view inner = is_closed ? whole.substr(1, size - 2) : std::string_view{};
    at_ = stop;
    add(whole, inner);
  }

  /// A number, a word, `ObjectId("…")`, `/pattern/`, or a key without quotes.
  void read_bare() noexcept {
    const char* begin = at_;
    if (*begin == '/') {
      at_ = past_string(begin);
      while (at_ != end_ && is_name_part(*at_)) ++at_;
      return add({}, {});
    }
    while (at_ != end_ && !is_char_of(*at_, "{}[](),:\"'/") && !is_blank(*at_)) ++at_;
    const std::string_view word{begin, static_cast<std::size_t>(at_ - begin)};
    if (word.empty() || (at_ != end_ && *at_ == '(')) {
      skip_arguments();
      return add({}, {});
    }
    if (word != "new") add(word, word);
  }

  /// Moves behind the bracket that closes the one at `at_`.
  void skip_arguments() noexcept {
    std::size_t depth = 0;
    while (at_ != end_) {
      const char c = *at_;
      if (is_char_of(c, "\"'")) {
        at_ = past_string(at_);
        continue;
      }
      ++at_;
      if (is_char_of(c, "([{")) ++depth;
      if (is_char_of(c, ")]}") && depth != 0) --depth;
      if (depth == 0) return;
    }
  }

  /// Adds a key where a key is expected, a value everywhere else.
  void add(std::string_view whole, std::string_view inner) noexcept {
    if (here().is_key_next) return add_key(whole, inner);
    put_comma();
    const bool is_string = whole.size() != inner.size();
    if (is_string && is_collection() && is_mongodb_name(inner)) return add_collection(whole, inner);
    if (is_direction(whole) || whole == cut_sign) {
      return text_.put(whole, spacing::value, hash_of_text<letter_case::exact>(whole));
    }
    const mongodb_path path{inner};
    if (stays(path)) {
      put_path(whole, path);
    } else {
      text_.value();
    }
  }

  void add_collection(std::string_view whole, std::string_view name) noexcept {
    const std::uint64_t hash = hash_of_text<letter_case::exact>(name);
    targets_.add(name, statement_targets::sort::table, hash);
    text_.put(whole, spacing::value, hash);
  }

  void add_key(std::string_view whole, std::string_view inner) noexcept {
    here().is_key_next = false;
    const bool is_of_command = here().part == mongodb_part::command;
    if (is_of_command && is_mongodb_envelope(inner)) return skip_member();
    here().key = inner;
    is_command_ = is_of_command && here().is_first_key;
    here().is_first_key = false;
    if (is_command_) begin_command(inner);
    if (here().part == mongodb_part::stage && (inner == "$out" || inner == "$merge")) {
      kind_ = statement_kind::write;
    }
    const mongodb_path path{inner};
    const bool is_data = !path.is_field() || path.has_data();
    const bool may_fold = is_data && members_.begin(text_.writer(), targets_.size(), depth_);
    put_comma();
    if (may_fold) members_.begin_key(text_.writer());
    if (path.is_field() && !path.is_data()) {
      put_path(whole, path);
    } else {
      text_.value();
    }
  }

  /// In the quotes that it has, if any.
  void put_path(std::string_view whole, const mongodb_path& path) noexcept {
    const std::string_view text = path.text();
    const std::uint64_t hash = hash_of_text<letter_case::exact>(text);
    if (!path.has_data()) return text_.put(whole, spacing::value, hash);
    std::array<char, mongodb_path::longest + 2> made;
    const bool is_quoted = is_char_of(whole.front(), "\"'");
    const std::size_t begin = is_quoted ? 1 : 0;
    made.front() = made[begin + text.size()] = whole.front();
    text.copy(made.data() + begin, text.size());
    text_.put_made({made.data(), text.size() + 2 * begin}, spacing::value, hash);
  }

  void begin_command(std::string_view name) noexcept {
    command_ = name;
    if (depth_ == 1) kind_ = kind_of_mongodb_command(name);
    if (mongodb_path{name}.has_data() || !is_mongodb_name(name)) return;
    targets_.add(name, statement_targets::sort::operation);
  }

  /// Skips a member that the driver adds to every command: it is not part of the statement.
  void skip_member() noexcept {
    std::size_t depth = 0;
    for (; at_ != end_; ++at_) {
      if (is_char_of(*at_, "\"'")) {
        at_ = past_string(at_);
        if (at_ == end_) return;
      }
      if (depth == 0 && *at_ == '}') return;
      if (depth == 0 && *at_ == ',') {
        ++at_;
        here().is_key_next = true;
        return;
      }
      if (is_char_of(*at_, "([{")) ++depth;
      if (is_char_of(*at_, ")]}") && depth != 0) --depth;
    }
  }

  /// Whether the value is part of the shape.
  [[nodiscard]] bool stays(const mongodb_path& path) const noexcept {
    if (depth_ == 0 || !path.is_field() || path.is_data()) return false;
    const std::string_view key = here().key;
    const bool is_expression = path.text().front() == '$';
    switch (here().part) {
      case mongodb_part::expression: return is_expression && key != "$literal" && key != "$const";
      case mongodb_part::filter: return is_expression && key == "$expr";
      case mongodb_part::stage: return is_expression && is_mongodb_expression_stage(key);
      case mongodb_part::join:
        return is_mongodb_join_field(key) && is_expression == (key == "startWith");
      default: return false;
    }
  }

  [[nodiscard]] bool is_direction(std::string_view whole) const noexcept {
    return here().part == mongodb_part::directions &&
           (whole == "1" || whole == "-1" || whole == "0");
  }

  [[nodiscard]] bool is_collection() const noexcept {
    const std::string_view key = here().key;
    switch (here().part) {
      case mongodb_part::command:
        return is_command_ ? names_mongodb_collection(key)
                           : is_mongodb_collection_of(command_, key);
      case mongodb_part::spaces: return key == "ns";
      case mongodb_part::stage: return key == "$out" || key == "$unionWith";
      case mongodb_part::join: return is_mongodb_collection_key(key);
      default: return false;
    }
  }

  void open(char bracket) noexcept {
    if (bracket == '{' && is_wrapped_value()) {
      skip_arguments();
      return add({}, {});
    }
    const std::string_view key = here().key;
    const mongodb_part part =
        depth_ == 0 ? mongodb_part::command
                    : mongodb_part_of(here().part, here().is_array, {key, bracket == '['});
    put_comma();
    text_.put(bracket, bracket == '{' ? spacing::open : spacing::open_bracket);
    ++at_;
    ++depth_;
    const bool is_object = bracket == '{' && depth_ < deepest;
    here() = {part, !is_object, is_object, is_object, key};
    if (bracket == '[' && folds_.begin(list_folding::form::list, depth_))
      folds_.begin_item(text_.writer());
  }

  /// Whether an object stands for one value, as `{"$oid": "…"}`.
  [[nodiscard]] bool is_wrapped_value() const noexcept {
    if (depth_ == 0 || here().is_key_next) return false;
    const char* begin = std::find_if_not(at_ + 1, end_, is_blank);
    if (begin == end_ || !is_char_of(*begin, "\"'")) return false;
    const char* stop = std::find(begin + 1, std::min(end_, begin + 32), *begin);
    return stop != end_ &&
           is_mongodb_wrapper({begin + 1, static_cast<std::size_t>(stop - begin - 1)});
  }

  void close() noexcept {
    is_comma_due_ = false;
    if (depth_ != 0) end_level();
    text_.put(*at_, spacing::close);
    ++at_;
    if (depth_ != 0) --depth_;
  }

  void end_level() noexcept {
    end_member();
    members_.end_object(depth_);
    folds_.end_deeper_than(depth_ - 1, text_.writer());
    forget_targets_from(folds_.take_folded());
  }

  void comma() noexcept {
    ++at_;
    end_member();
    here().is_key_next = depth_ != 0 && depth_ < deepest && !here().is_array;
    if (!folds_.is_in_list(depth_)) {
      is_comma_due_ = true;
      return;
    }
    folds_.end_item(text_.writer());
    forget_targets_from(folds_.take_folded());
    folds_.separate(text_.writer(), targets_.size());
    text_.put(',', spacing::separator);
    folds_.begin_item(text_.writer());
  }
  void end_member() noexcept { forget_targets_from(members_.end_member(text_.writer(), depth_)); }
  /// The summary has no targets of items and members that were taken back.
  void forget_targets_from(std::size_t first) noexcept {
    static_assert(list_folding::nothing_folded == member_folding::nothing_folded);
    if (first != list_folding::nothing_folded) targets_.shrink(first);
  }
  /// A comma is written only once the next member is known to stay.
  void put_comma() noexcept {
    if (is_comma_due_) text_.put(',', spacing::separator);
    is_comma_due_ = false;
  }

  [[nodiscard]] mongodb_level& here() noexcept { return levels_[std::min(depth_, deepest)]; }
  [[nodiscard]] const mongodb_level& here() const noexcept {
    return levels_[std::min(depth_, deepest)];
  }

  command_text text_;
  list_folding folds_;
  member_folding members_;
  statement_targets targets_;
  const char* at_;
  const char* end_;
  /// Filled as far as `depth_`. The last one stands for all deeper levels, whose keys do not count.
  std::array<mongodb_level, deepest + 1> levels_;
  std::size_t depth_ = 0;
  std::string_view command_;
  bool is_comma_due_ = false;
  bool is_command_ = false;  ///< the key is that of the command
  statement_kind kind_ = statement_kind::other;
};

}  // namespace

statement_identity identify_mongodb(std::string_view command) {
  mongodb_reader reader{command};
  return reader.identity();
}

}  // namespace querytap::detail
