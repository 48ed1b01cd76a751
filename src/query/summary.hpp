#pragma once

#include "token.hpp"

#include <querytap/base/statement_identity.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Gathers the operations of a statement and what they work on, in the order and spelling of its
/// text, and from them what kind of statement it is.
///
///     summary_builder summary;
///     summary.add(t);                    // for every token
///     summary.text(); summary.kind();
///
/// It parses no more than it must: a name counts where a table may stand (after FROM, JOIN, INTO
/// …), and each level of parentheses remembers which part of which statement it is in. Levels
/// deeper than anyone writes are not looked into.
///
/// Source   `db.query.summary` of the OpenTelemetry database conventions.
class summary_builder {
 public:
  void add(const token& t) noexcept;
  void finish() noexcept {
    is_in_body_ = false;
    end_statement();
  }

  [[nodiscard]] std::string text() const { return {buffer_.data(), size_}; }
  [[nodiscard]] statement_kind kind() const noexcept { return kind_; }

 private:
  /// Where in a statement a level is.
  enum class clause : std::uint8_t {
    none,    ///< outside of all that is of interest
    select,  ///< before FROM
    tables,  ///< in a FROM clause
    insert,  ///< before INTO
    remove,  ///< in DELETE or MERGE, before USING
    update,  ///< before FROM
    names,   ///< in a list of names, as of TRUNCATE or DROP TABLE
    object,  ///< after CREATE and its like, before the sort of object
  };

  struct level {
    clause in = clause::none;
    bool is_name_next = false;
    bool is_list_of_names = false;  ///< nothing but names and commas since FROM
  };

  /// Whether a dotted name may go on.
  enum class name_part : std::uint8_t { none, after_name, after_dot };

  static constexpr std::size_t deepest = 64;
  static constexpr std::size_t size_limit = 255;

  void add_word(const token& t) noexcept;
  void add_name(const token& t) noexcept;
  void add_string(const token& t) noexcept;
  void add_symbol(const token& t) noexcept;
  void open() noexcept;
  void close() noexcept;
  void comma() noexcept;
  void end_statement() noexcept;

  void begin_statement(const token& t) noexcept;
  [[nodiscard]] bool skips(const token& t) const noexcept;
  [[nodiscard]] bool skips_in_names(keyword id) const noexcept;
  [[nodiscard]] bool takes_name(const token& t) noexcept;
  void add_target(std::string_view name) noexcept;
  void leave_names() noexcept;

  void add_keyword(const token& t) noexcept;
  void add_object(const token& t) noexcept;
  void add_write(const token& t) noexcept;
  void see_from() noexcept;
  void see_into() noexcept;
  void leave_tables() noexcept;
  [[nodiscard]] bool may_begin_write(keyword id) const noexcept;

  void put(std::string_view piece) noexcept;
  void put_part(char before, std::string_view piece) noexcept;

  [[nodiscard]] level& here() noexcept { return levels_[depth_]; }
  [[nodiscard]] bool is_too_deep() const noexcept { return depth_ >= deepest; }

  std::array<char, size_limit> buffer_;  // filled as far as `size_`
  std::size_t size_ = 0;
  std::size_t piece_ = 0;  ///< where the last operation or target begins
  bool is_full_ = false;

  std::array<level, deepest> levels_{};
  std::size_t depth_ = 0;
  name_part part_ = name_part::none;
  bool is_statement_begun_ = false;
  bool is_opaque_ = false;   ///< nothing more of the statement is looked at
  bool is_in_body_ = false;  ///< of a trigger, whose semicolons end nothing
  char previous_symbol_ = '\0';
  keyword previous_ = keyword::none;
  keyword verb_ = keyword::none;    ///< the statement's first word
  keyword object_ = keyword::none;  ///< what sort of object CREATE and its like work on
  statement_kind current_ = statement_kind::other;
  statement_kind kind_ = statement_kind::other;
};

}  // namespace querytap::detail
