#pragma once

#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// The words that mean something to the normaliser or the summary. `plain` are those of which only
/// the traits count, `none` is any other word.
enum class keyword : std::uint8_t {
  none, plain,
  abort, alter, analyze, array, as, begin, call, close, comment, commit, concurrently, copy, create,
  deallocate, declare, default_, delete_, detach, attach, discard, distinct, do_, drop, end, execute,
  except, exists, explain, false_, fetch, for_, foreign, freeze, from, full, function, global, grant,
  group, having, if_, in, index, insert, intersect, into, is, join, lateral, limit, listen, local,
  lock, materialized, merge, move, not_, notify, null, object, offset, on, only, or_, order, plan,
  pragma, prepare, recursive, refresh, reindex, release, replace, reset, returning, revoke, rollback,
  savepoint, select, session, set, show, start, table, temporary, to, transaction, trigger, true_,
  truncate, union_, unique, unlisten, unlogged, update, using_, vacuum, values, verbose, view,
  virtual_, where, window, with,
};

struct keyword_traits {
  keyword id = keyword::none;
  bool reserved : 1 = false;        ///< never the bare name of a table
  bool before_operand : 1 = false;  ///< a sign after it belongs to a number, it does not subtract
  bool spaced : 1 = false;          ///< a parenthesis after it does not make it a call
};

inline constexpr std::size_t longest_keyword = 12;

/// The keyword whose `hash_of_word` this is.
[[nodiscard]] keyword_traits find_keyword(std::uint64_t hash) noexcept;

}  // namespace querytap::detail
