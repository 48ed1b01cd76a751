#pragma once

#include <querytap/base/dialect.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A piece of a text that a server can plan: a token of the statement, or a parameter.
struct explained_token {
  static constexpr std::size_t no_parameter = SIZE_MAX;

  std::string text = {};
  std::size_t parameter = no_parameter;  ///< index into explained_text::parameters
  bool is_after_blank = true;
};

struct explained_parameter {
  std::string type = {};  ///< empty: the server infers it
  bool is_array = false;  ///< it stands for all of an ARRAY[…]
};

/// The text of a statement as a server can plan it. The sanitised text has `?` for what is a value
/// and for what is grammar alike; here the values are parameters, and the grammar is restored.
struct explained_text {
  std::vector<explained_token> tokens = {};
  std::vector<explained_parameter> parameters = {};
  std::uint64_t assumed_limit = 0;  ///< of rows, in place of a LIMIT that is not known; 0: none
  bool assumes_no_offset = false;
  bool assumes_conditions = false;  ///< that those of values alone hold

  /// `sign` is what the server writes before a parameter's number: `$` or `?`.
  [[nodiscard]] std::string written(char sign) const;
  /// The token that has this character of the written text, counted from 0; the number of tokens
  /// where there is none.
  [[nodiscard]] std::size_t token_at(std::size_t character, char sign) const;
  /// Removes each `on conflict …`, which names a partial index by the literals of its condition. False
  /// if there is none.
  bool remove_conflict_clauses();

 private:
  void remove_unused_parameters();
  [[nodiscard]] std::string written(const explained_token& token, char sign) const;
};

/// Makes a sanitised text explainable:
///
///     a in (?)                    a in ($1, $2, $3)       one `?` stands for a list of any length
///     a = any(array[?])           a = any($1)             so that its type follows a
///     date ?, a::numeric(?, ?)    $1::date, a::numeric
///     as t(a varchar(?))          as t(a varchar)
///     select f(?, a) … group by f(?, a)                   both are the same parameter
///     … and ? = ?                 … and true              as generators of SQL write it
///     limit ?, offset ? * ?       limit 10 offset 0       the rows that came, if they are known
///
/// `returned_rows` is the number of rows that the call returned.
[[nodiscard]] explained_text explained_text_of(std::string_view sanitised, dialect dialect,
                                               std::optional<std::uint64_t> returned_rows = {});

}  // namespace querytap::detail
