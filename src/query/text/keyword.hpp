#pragma once

#include "spacing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// The words that mean something to the normaliser or the summary. `plain` are words of which only
/// the traits count, `none` is any other word.
enum class keyword : std::uint8_t {
  none,
  plain,
  abort,
  alter,
  analyze,
  and_word,
  array,
  as,
  attach,
  before_value,  ///< LIKE, THEN and others, behind which a value stands rather than a name
  batch,
  begin,
  between,
  by,
  call,
  check,
  close,
  comment,
  commit,
  concurrently,
  copy,
  create,
  current,
  deallocate,
  declare,
  default_word,
  delete_word,
  describe,
  detach,
  discard,
  distinct,
  do_word,
  drop,
  end,
  except,
  execute,
  exists,
  explain,
  false_word,
  fetch,
  flush,
  for_word,
  foreign,
  freeze,
  from,
  full,
  function,
  global,
  grant,
  group,
  handler,
  having,
  if_word,
  in,
  index,
  insert,
  intersect,
  into,
  is,
  join,
  kill,
  lateral,
  limit,
  listen,
  load,
  local,
  lock,
  maintain,
  materialized,
  merge,
  modifier,
  move,
  not_word,
  notify,
  null,
  object,
  offset,
  on,
  only,
  or_word,
  order,
  plan,
  pragma,
  prepare,
  recursive,
  refresh,
  reindex,
  release,
  rename,
  replace,
  reset,
  returning,
  revoke,
  rollback,
  row,
  savepoint,
  select,
  session,
  set,
  show,
  start,
  table,
  temporary,
  to,
  transaction,
  trigger,
  true_word,
  truncate,
  union_word,
  unique,
  unlisten,
  unlock,
  unlogged,
  update,
  use,
  using_word,
  vacuum,
  value_word,
  values,
  verbose,
  view,
  virtual_word,
  where,
  window,
  with,
  xa,

  // Not words, but also recorded as what came before a token: a row of VALUES, and the comma behind
  // it.
  end_of_row,
  between_rows,
};

struct keyword_traits {
  static constexpr std::uint8_t reserved = 1;    ///< never the bare name of a table
  static constexpr std::uint8_t noise = 2;       ///< the statement is the same without it
  static constexpr std::uint8_t special = 4;     ///< the normaliser does more than write it
  static constexpr std::uint8_t structural = 8;  ///< the summary sees it at any place
  static constexpr std::uint8_t any = 16;        ///< it is a keyword
  static constexpr std::uint8_t utility = 32;    ///< as a first word it may make others data

  keyword id = keyword::none;
  spacing as = spacing::word;
  std::uint8_t flags = 0;

  [[nodiscard]] constexpr bool is_reserved() const noexcept { return (flags & reserved) != 0; }
  [[nodiscard]] constexpr bool is_noise() const noexcept { return (flags & noise) != 0; }
  [[nodiscard]] constexpr bool is_special() const noexcept { return (flags & special) != 0; }
  [[nodiscard]] constexpr bool is_structural() const noexcept { return (flags & structural) != 0; }
  [[nodiscard]] constexpr bool begins_utility() const noexcept { return (flags & utility) != 0; }
};

/// All keywords, found by the hash of a word.
class keyword_table {
 public:
  struct entry {
    std::uint64_t hash = 0;
    keyword_traits traits = {};
    std::uint8_t next = 0;  ///< entry at the same place; 0: no more
  };

  template <std::size_t Count>
  explicit constexpr keyword_table(const std::array<entry, Count>& listed) {
    static_assert(Count < most_entries);
    for (std::size_t i = 1; i <= Count; ++i) {
      entries_[i] = listed[i - 1];
      std::uint8_t& place = places_[place_of(entries_[i].hash)];
      entries_[i].next = place;
      place = static_cast<std::uint8_t>(i);
    }
  }

  [[nodiscard]] const keyword_traits& operator[](std::uint64_t hash) const noexcept {
    return traits_from(first_at(hash), hash);
  }

  /// The same in two steps: most words are none of which the first entry is 0.
  [[nodiscard]] std::uint8_t first_at(std::uint64_t hash) const noexcept {
    return places_[place_of(hash)];
  }
  [[nodiscard]] const keyword_traits& traits_from(std::uint8_t at,
                                                  std::uint64_t hash) const noexcept {
    while (at != 0 && entries_[at].hash != hash) at = entries_[at].next;
    return entries_[at].traits;
  }

 private:
  static constexpr std::size_t places = 2048;
  static constexpr std::size_t most_entries = 256;

  [[nodiscard]] static constexpr std::size_t place_of(std::uint64_t hash) noexcept {
    return hash >> 53;
  }

  std::array<std::uint8_t, places> places_{};
  std::array<entry, most_entries> entries_{};
};

extern const keyword_table keywords;

inline constexpr keyword_traits no_keyword{};

}  // namespace querytap::detail
