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
/// It parses as little as possible: a name counts where a table may stand (after FROM, JOIN, INTO
/// …), and each level of parentheses records which part of which statement it is in. Names below a
/// depth that real statements do not reach are ignored.
///
/// Cost     most words do not matter: while is_attentive() is false, only structural keywords,
///          operators, commas and brackets need a call.
/// Source   `db.query.summary` of the OpenTelemetry database conventions.
class summary_builder {
 public:
  /// Whether the next token counts, of any kind.
  [[nodiscard]] bool is_attentive() const noexcept { return attention_ != 0; }
  [[nodiscard]] std::uint8_t attention() const noexcept { return attention_; }
  [[nodiscard]] bool expects_name() const noexcept { return (attention_ & name_next) != 0; }
  [[nodiscard]] bool is_at_begin() const noexcept { return (attention_ & at_begin) != 0; }
  /// Whether nothing but the name of a table, an index or the like can stand here.
  [[nodiscard]] bool expects_table() const noexcept;
  /// Whether this is behind INSERT or REPLACE, outside of brackets and before the rows.
  [[nodiscard]] bool is_in_target() const noexcept { return here_.part == clause::into; }

  /// A word that is not a keyword, or a name in quotes.
  void add_name(const sql_word& name) noexcept;

  /// `previous` is the keyword just before, `after` the bracket just before.
  void add_keyword(const sql_word& found, keyword previous, char after) noexcept;

  void value() noexcept { interrupt(); }
  void operation() noexcept {
    interrupt();
    if (here_.part == clause::names) here_.part = clause::none;
  }
  void dot() noexcept {
    attention_ = (attention_ & after_name) != 0 ? after_dot : attention_ & at_begin;
  }
  void comma() noexcept {
    const bool is_list = here_.part >= clause::tables;
    attention_ = static_cast<std::uint8_t>((attention_ & at_begin) | (is_list ? name_next : 0));
  }
  void open() noexcept;
  void close() noexcept {
    if (depth_ != 0 && --depth_ < deepest) here_ = levels_[depth_];
    attention_ = static_cast<std::uint8_t>((attention_ & at_begin) |
                                           (here_.is_name_still_next ? name_next : 0));
  }
  void end_statement() noexcept;

  /// The word TRANSACTION of PREPARE TRANSACTION.
  void prepares_transaction(std::string_view word) noexcept;
  /// The statement that matters begins here, as behind SET STATEMENT … FOR.
  void begin_inner() noexcept { attention_ = at_begin; }

  /// Targets of rows that are like a row before can be taken back.
  [[nodiscard]] std::size_t count_of_targets() const noexcept { return targets_.size(); }
  void forget_targets_from(std::size_t first) noexcept { targets_.shrink(first); }

  void finish() noexcept {
    is_in_body_ = false;
    end_statement();
  }

  [[nodiscard]] std::string text() const { return targets_.text(); }
  [[nodiscard]] std::vector<std::string> tables() const { return targets_.tables(); }
  [[nodiscard]] statement_kind kind() const noexcept { return kind_; }

 private:
  /// The part of a statement that a level is in. From `tables` on, names are separated by commas.
  enum class clause : std::uint8_t {
    none,     ///< any part without names that count
    select,   ///< before FROM
    insert,   ///< before the target of INSERT, REPLACE or MERGE
    into,     ///< a target, after INTO
    object,   ///< after CREATE, ALTER or DROP, before the sort of object
    owner,    ///< the table that an index or trigger is on
    tables,   ///< in a FROM clause
    update,   ///< before SET
    remove,   ///< in DELETE or MERGE, before USING
    names,    ///< in a list of names, as of TRUNCATE or DROP TABLE
    queries,  ///< the names of common table expressions
  };

  struct clause_level {
    clause part;
    bool is_name_still_next;  ///< a name follows behind the brackets, as in `vacuum (full) t`
  };

  static constexpr std::uint8_t name_next = 1;
  static constexpr std::uint8_t after_name = 2;
  static constexpr std::uint8_t after_dot = 4;
  static constexpr std::uint8_t at_begin = 8;

  static constexpr std::size_t deepest = 64;

  void interrupt() noexcept { attention_ &= at_begin; }
  void enter(clause part, std::uint8_t attention = 0) noexcept {
    here_ = {part, false};
    attention_ = attention;
  }

  void begin_statement(const sql_word& first) noexcept;
  [[nodiscard]] bool skips(const sql_word& found, keyword previous) const noexcept;
  [[nodiscard]] bool skips_in_names(keyword id) const noexcept;
  void add_target(std::string_view name, std::uint64_t hash) noexcept;
  [[nodiscard]] bool are_names_tables() const noexcept;

  void add_structure(const sql_word& found, keyword previous, char after) noexcept;
  void add_object(const sql_word& found) noexcept;
  void add_opaque(const sql_word& found) noexcept;
  void add_write(const sql_word& found) noexcept;
  void see_from(keyword previous) noexcept;
  void see_into() noexcept;
  [[nodiscard]] bool may_begin_write(keyword id, keyword previous, char after) const noexcept;

  statement_targets targets_;

  clause_level here_{};
  std::uint8_t attention_ = at_begin;
  bool is_opaque_ = false;          ///< the rest of the statement is ignored
  bool is_in_body_ = false;         ///< of a trigger, whose semicolons end nothing
  keyword verb_ = keyword::none;    ///< the statement's first word
  keyword object_ = keyword::none;  ///< the sort of object that CREATE, ALTER or DROP works on
  statement_kind current_ = statement_kind::other;
  statement_kind kind_ = statement_kind::other;

  std::size_t depth_ = 0;
  std::array<clause_level, deepest> levels_;  // filled as far as `depth_`
};

}  // namespace querytap::detail
