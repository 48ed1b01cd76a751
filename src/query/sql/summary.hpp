#pragma once

#include "../text/targets.hpp"
#include "word.hpp"

#include <querytap/base/statement_identity.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Gathers the operations of a statement and what they work on, in the order and spelling of its
/// text, and from them what kind of statement it is.
///
///     summary_builder summary;
///     if (summary.is_attentive()) summary.add_name(w);     // and so on for every token
///     summary.text(); summary.tables(); summary.kind();
///
/// It parses no more than it must: a name counts where a table may stand (after FROM, JOIN, INTO
/// …), and each level of parentheses remembers which part of which statement it is in. Levels
/// deeper than anyone writes are not looked into.
///
/// Cost     most words are of no interest: where it is not attentive, only structural keywords,
///          operators, commas and brackets have to be shown to it.
/// Source   `db.query.summary` of the OpenTelemetry database conventions.
class summary_builder {
 public:
  /// Whether the next token counts, whatever it is.
  [[nodiscard]] bool is_attentive() const noexcept { return attention_ != 0; }
  [[nodiscard]] std::uint8_t attention() const noexcept { return attention_; }
  [[nodiscard]] bool expects_name() const noexcept { return (attention_ & name_next) != 0; }
  [[nodiscard]] bool is_at_begin() const noexcept { return (attention_ & at_begin) != 0; }
  /// Whether this is in brackets that hold arguments of a function, and no list of columns.
  [[nodiscard]] bool is_in_arguments() const noexcept {
    if (depth_ == 0 || depth_ >= deepest || here_.in != clause::none) return false;
    return levels_[depth_ - 1].in != clause::into && current_ != statement_kind::definition;
  }

  /// A word that is no keyword, or a name in quotes.
  void add_name(const word& name) noexcept;

  /// `previous` is the keyword just before, `after` the bracket just before.
  void add_keyword(const word& found, keyword previous, char after) noexcept;

  /// SQLite's 'artists', which is a name where only a name can stand.
  void add_string(std::string_view text) noexcept;

  void value() noexcept { interrupt(); }
  void operation() noexcept {
    interrupt();
    here_.is_list_of_names = false;
    if (here_.in == clause::names) here_.in = clause::none;
  }
  void dot() noexcept {
    attention_ = (attention_ & after_name) != 0 ? after_dot : attention_ & at_begin;
  }
  void comma() noexcept {
    const bool is_list = here_.in >= clause::tables;
    attention_ = static_cast<std::uint8_t>((attention_ & at_begin) | (is_list ? name_next : 0));
  }
  void open() noexcept;
  void close() noexcept {
    if (depth_ != 0 && --depth_ < deepest) here_ = levels_[depth_];
    attention_ = static_cast<std::uint8_t>((attention_ & at_begin) |
                                           (here_.is_name_still_next ? name_next : 0));
  }
  void end_statement() noexcept;
  void finish() noexcept {
    is_in_body_ = false;
    end_statement();
  }

  [[nodiscard]] std::string text() const { return targets_.text(); }
  [[nodiscard]] std::vector<std::string> tables() const { return targets_.tables(); }
  [[nodiscard]] statement_kind kind() const noexcept { return kind_; }

 private:
  /// Where in a statement a level is. From `tables` on, names are separated by commas.
  enum class clause : std::uint8_t {
    none,     ///< outside of all that is of interest
    select,   ///< before FROM
    insert,   ///< before the target of INSERT, REPLACE or MERGE
    into,     ///< a target, after INTO
    object,   ///< after CREATE and its like, before the sort of object
    owner,    ///< the table that an index or trigger is on
    tables,   ///< in a FROM clause
    update,   ///< before SET
    remove,   ///< in DELETE or MERGE, before USING
    names,    ///< in a list of names, as of TRUNCATE or DROP TABLE
    queries,  ///< the names of common table expressions
  };

  struct level {
    clause in;
    bool is_list_of_names;    ///< nothing but names and commas since FROM
    bool is_name_still_next;  ///< behind the brackets, as in `vacuum (full) t`
  };

  static constexpr std::uint8_t name_next = 1;
  static constexpr std::uint8_t after_name = 2;
  static constexpr std::uint8_t after_dot = 4;
  static constexpr std::uint8_t at_begin = 8;

  static constexpr std::size_t deepest = 64;

  void interrupt() noexcept { attention_ &= at_begin; }
  void enter(clause which, std::uint8_t attention = 0) noexcept {
    here_ = {which, false, false};
    attention_ = attention;
  }

  void begin_statement(const word& first) noexcept;
  [[nodiscard]] bool skips(const word& found, keyword previous) const noexcept;
  [[nodiscard]] bool skips_in_names(keyword id) const noexcept;
  void add_target(std::string_view name, std::uint64_t hash) noexcept;
  [[nodiscard]] bool are_names_tables() const noexcept;

  void add_structure(const word& found, keyword previous, char after) noexcept;
  void add_object(const word& found) noexcept;
  void add_opaque(const word& found) noexcept;
  void add_write(const word& found) noexcept;
  void see_from(keyword previous) noexcept;
  void see_into() noexcept;
  [[nodiscard]] bool may_begin_write(keyword id, keyword previous, char after) const noexcept;

  targets targets_;

  level here_{};
  std::uint8_t attention_ = at_begin;
  bool is_opaque_ = false;          ///< nothing more of the statement is looked at
  bool is_in_body_ = false;         ///< of a trigger, whose semicolons end nothing
  keyword verb_ = keyword::none;    ///< the statement's first word
  keyword object_ = keyword::none;  ///< what sort of object CREATE and its like work on
  statement_kind current_ = statement_kind::other;
  statement_kind kind_ = statement_kind::other;

  std::size_t depth_ = 0;
  std::array<level, deepest> levels_;  // filled as far as `depth_`
};

}  // namespace querytap::detail
