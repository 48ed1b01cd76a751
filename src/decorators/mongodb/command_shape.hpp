#pragma once

#include "bson_elements.hpp"

#include <querytap/calls/detail/parameter_digest.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace querytap::mongodb::detail {

/// Commands that are more than a write or a question.
enum class command_kind : std::uint8_t {
  other,
  read,  ///< may be sent again
  count,
  distinct,
  get_more,
  kill_cursors,
  commit,
  abort,
};

[[nodiscard]] command_kind kind_of(std::string_view command) noexcept;

/// What a command is, by its name and what stands beside.
struct command_traits {
  command_kind kind = command_kind::other;
  bool begins_transaction = false;
  bool is_in_transaction = false;
  bool has_transaction_number = false;  ///< so that the driver may send it once more
  bool writes_result = false;           ///< an aggregate with `$out` or `$merge`
  bool is_endless = false;              ///< its cursor waits for documents that are not there yet
};

/// What a command says besides its shape. The views point into the command.
struct command_facts : command_traits {
  std::int64_t cursor = 0;        ///< that it reads on, or the first that it ends
  std::string_view cursors = {};  ///< all that it ends, as an array
  std::uint64_t batch_size = 0;   ///< documents, updates or deletes
};

/// Bytes of a command that another command of the same shape may have others in place of.
struct command_gap {
  enum class kind : std::uint8_t {
    fixed,      ///< of that size
    sized,      ///< says its own size in front
    scalars,    ///< a list, not empty, of values that are no documents
    documents,  ///< a list of documents that are stored
  };
  std::size_t begin = 0;
  std::size_t size = 0;
  kind content = kind::fixed;
};

/// From the bytes of a command to a text that is the same for all commands that differ only in values, as
/// identify() takes it: `{"find":"users","filter":{"age":{"$gt":?}}}`.
///
///     const command_shape shape{bytes};
///     backend.statement_for(shape.text());
///
/// No value is in the text but names of collections, paths of fields where an expression stands, and the
/// directions of a sort. What drivers add to each command is left out: session, times, comment. Of documents that
/// are inserted, or put in the place of others, only the number is looked at: their keys are data.
///
/// Threads  a value that is made once.
/// Cost     one pass, some 10 ns for a member; most commands are known by their pattern instead. No allocation.
/// Errors   any bytes will do; what does not fit is left out, as are items of a list past the first 1,000.
class command_shape {
 public:
  explicit command_shape(std::string_view command) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return {room_.data(), size_}; }
  [[nodiscard]] const command_facts& facts() const noexcept { return facts_; }
  /// libmongoc hides what stands in it.
  [[nodiscard]] bool is_hidden() const noexcept { return is_hidden_; }
  /// In the order of their begins. All commands that are equal but for these have the same text and facts,
  /// but for the size of a batch. Empty where that is not known.
  [[nodiscard]] std::span<const command_gap> gaps() const noexcept {
    return {gaps_.data(), has_gaps_ && !is_hidden_ ? count_of_gaps_ : 0};
  }

  static constexpr std::size_t longest = 4000;
  static constexpr std::size_t most_gaps = 32;

 private:
  /// What the content of a document is.
  enum class part : std::uint8_t {
    values,  ///< filters and documents: no text in it is a name
    command,
    writes,      ///< the list of what an update, delete or bulkWrite does
    spaces,      ///< the collections of a bulkWrite
    indexes,     ///< the list of indexes to create
    expression,  ///< where "$field" names a field
    join,        ///< of $lookup and its kind: collections and fields by name
    directions,  ///< of sorting, or the fields of a projection
  };
  /// A value and the name that it has: its key, or the key of the list that it is in.
  struct named_value {
    const bson_element& element;
    std::string_view name;
    part outer;
    bool is_first;  ///< of the command
  };

  void write_command(std::string_view command, std::size_t depth) noexcept;
  void write_document(std::string_view document, part content, std::size_t depth) noexcept;
  void write_list(const named_value& list, part content, std::size_t depth) noexcept;
  void write_items(const named_value& list, part content, std::size_t depth) noexcept;
  void write_value(const named_value& value, std::size_t depth) noexcept;
  void write_nested(const named_value& value, std::size_t depth) noexcept;
  void write_key(std::string_view key) noexcept;
  void write_text(std::string_view text) noexcept;

  [[nodiscard]] static part part_of(const named_value& value) noexcept;
  /// Of some texts, if not of this one.
  [[nodiscard]] static bool may_be_name(const named_value& value) noexcept;
  [[nodiscard]] static bool is_name(const named_value& value, std::string_view text) noexcept;
  /// Documents whose keys are data.
  [[nodiscard]] static bool is_content(const named_value& value) noexcept;

  void note_first(const bson_element& element) noexcept;
  void note(const bson_element& element) noexcept;
  void note_flag(const bson_element& element) noexcept;
  /// Whatever stands here, the text is the same.
  void leave_open(const bson_element& element) noexcept;
  void leave_open(std::string_view bytes, command_gap::kind content) noexcept;
  void leave_size_open(std::string_view document) noexcept;
  void end_document(const bson_elements& elements) noexcept {
    has_gaps_ = has_gaps_ && elements.is_whole();
  }
  void put(std::string_view text) noexcept;
  void put(char sign) noexcept {
    is_full_ = is_full_ || size_ == longest;
    if (!is_full_) room_[size_++] = sign;
  }
  [[nodiscard]] bool may_go_on() noexcept { return !is_full_ && elements_left_-- > 0; }

  static constexpr std::size_t deepest = 32;
  static constexpr int most_items = 1000;
  const char* const begin_;
  std::size_t size_ = 0;
  int elements_left_ = 10'000;
  bool is_full_ = false;
  bool is_hidden_ = true;  // until it has a member
  bool has_gaps_ = true;
  command_facts facts_;
  std::size_t count_of_gaps_ = 0;
  std::array<command_gap, most_gaps> gaps_;  // filled as far as `count_of_gaps_`
  std::array<char, longest> room_;           // filled as far as `size_`
};

/// Whether a list is not empty and none of its first 1,000 items is a document or a list.
[[nodiscard]] bool holds_only_scalars(std::string_view list) noexcept;

/// A hash of the values of a command, without those that drivers add.
[[nodiscard]] std::uint64_t hash_of_values(std::string_view command) noexcept;

/// The id of the session that a command is of.
[[nodiscard]] std::string_view session_of(std::string_view command) noexcept;

/// Whether libmongoc hides the content of this command, since it holds credentials.
[[nodiscard]] bool is_confidential(std::string_view command) noexcept;

}  // namespace querytap::mongodb::detail
