#pragma once

#include "bson_elements.hpp"

#include <querytap/calls/detail/parameter_digest.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::mongodb::detail {

/// What a command says besides its shape. The views point into the command.
struct command_facts {
  std::string_view name = {};        ///< of the command: its first key
  std::string_view collection = {};  ///< empty: it is of none
  std::int64_t cursor = 0;           ///< that it reads on, or the first that it ends
  std::string_view cursors = {};     ///< all that it ends, as an array
  std::uint64_t batch_size = 0;      ///< documents, updates or deletes
  std::string_view session = {};     ///< the id of its session
  bool begins_transaction = false;
  bool is_in_transaction = false;
  bool has_transaction_number = false;  ///< so that the driver may send it once more
  bool writes_result = false;           ///< an aggregate with `$out` or `$merge`
  bool is_endless = false;              ///< its cursor waits for documents that are not there yet
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
/// Cost     one pass, some 10 ns for a member; bench/overhead/mongodb_overhead.cpp. No allocation.
/// Errors   any bytes will do; what does not fit is left out, as are items of a list past the first 1,000.
class command_shape {
 public:
  /// With a digest, the values are added to it.
  explicit command_shape(std::string_view command, parameter_digest* digest = nullptr) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return {room_.data(), size_}; }
  [[nodiscard]] const command_facts& facts() const noexcept { return facts_; }

  static constexpr std::size_t longest = 4000;

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

  void write_command(std::string_view command, std::size_t depth,
                     parameter_digest* digest) noexcept;
  void write_document(std::string_view document, part content, std::size_t depth) noexcept;
  void write_list(const named_value& list, part content, std::size_t depth) noexcept;
  void write_value(const named_value& value, std::size_t depth) noexcept;
  void write_nested(const named_value& value, std::size_t depth) noexcept;
  void write_key(std::string_view key) noexcept;
  void write_text(std::string_view text) noexcept;

  [[nodiscard]] static part part_of(const named_value& value) noexcept;
  [[nodiscard]] static bool is_name(const named_value& value, std::string_view text) noexcept;
  /// Documents whose keys are data.
  [[nodiscard]] static bool is_content(const named_value& value) noexcept;

  void note_first(const bson_element& element) noexcept;
  void note(const bson_element& element) noexcept;
  void put(std::string_view text) noexcept;
  void put(char sign) noexcept {
    is_full_ = is_full_ || size_ == longest;
    if (!is_full_) room_[size_++] = sign;
  }
  [[nodiscard]] bool may_go_on() noexcept { return !is_full_ && elements_left_-- > 0; }

  static constexpr std::size_t deepest = 32;
  static constexpr int most_items = 1000;

  std::size_t size_ = 0;
  int elements_left_ = 10'000;
  bool is_full_ = false;
  command_facts facts_;
  std::array<char, longest> room_;  // filled as far as `size_`
};

/// Whether libmongoc hides the content of this command, since it holds credentials.
[[nodiscard]] bool is_confidential(std::string_view command) noexcept;

}  // namespace querytap::mongodb::detail
