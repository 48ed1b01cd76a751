#pragma once

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The words of SQLite that tell what may follow. The last ones stand for all words that are alike
/// in that.
enum class sqlite_word : std::uint8_t {
  other,  ///< any other word, and names in quotes
  abort,  ///< and the other words behind INSERT OR
  alter,
  as,
  attach,
  begin,
  by,
  check,
  conflict,
  create,
  database,
  default_word,
  detach,
  distinct,
  drop,
  exists,
  explain,
  foreign,
  from,
  in,
  index,
  indexed,
  insert,
  into,
  join,
  key,
  limit,  ///< and OFFSET
  not_word,
  of,
  on,
  or_word,
  over,
  plan,
  pragma,
  primary,
  query,
  recursive,
  references,
  returning,
  select,
  set,
  table,
  trigger,
  unique,
  update,
  using_word,
  vacuum,
  values,
  view,
  where,  ///< and HAVING
  window,
  with,

  before_operand,  ///< LIKE, THEN …
  before_name,     ///< COLLATE, CONSTRAINT, TO …
  before_object,   ///< ANALYZE, SAVEPOINT …, where a statement begins
};

/// What a bare word is, in any case.
[[nodiscard]] sqlite_word sqlite_word_of(std::string_view text) noexcept;

}  // namespace querytap::detail
