#include "sqlite_words.hpp"

#include "../text/word_hash.hpp"

#include <array>
#include <cstddef>

namespace querytap::detail {
namespace {

struct listed_sqlite_word {
  std::string_view name;
  sqlite_word word;
};

constexpr auto list_sqlite_words() {
  using enum sqlite_word;
  return std::to_array<listed_sqlite_word>({
      {"abort", abort},
      {"add", before_name},
      {"all", before_operand},
      {"alter", alter},
      {"analyze", before_object},
      {"and", before_operand},
      {"as", as},
      {"attach", attach},
      {"begin", begin},
      {"between", before_operand},
      {"by", by},
      {"case", before_operand},
      {"check", check},
      {"collate", before_name},
      {"column", before_name},
      {"conflict", conflict},
      {"constraint", before_name},
      {"create", create},
      {"database", database},
      {"default", default_word},
      {"detach", detach},
      {"distinct", distinct},
      {"drop", drop},
      {"else", before_operand},
      {"escape", before_operand},
      {"exists", exists},
      {"explain", explain},
      {"fail", abort},
      {"foreign", foreign},
      {"from", from},
      {"glob", before_operand},
      {"groups", before_operand},
      {"having", where},
      {"ignore", abort},
      {"in", in},
      {"index", index},
      {"indexed", indexed},
      {"insert", insert},
      {"into", into},
      {"is", before_operand},
      {"join", join},
      {"key", key},
      {"like", before_operand},
      {"limit", limit},
      {"match", before_operand},
      {"not", not_word},
      {"of", of},
      {"offset", limit},
      {"on", on},
      {"or", or_word},
      {"over", over},
      {"plan", plan},
      {"pragma", pragma},
      {"primary", primary},
      {"query", query},
      {"range", before_operand},
      {"recursive", recursive},
      {"references", references},
      {"regexp", before_operand},
      {"reindex", before_object},
      {"release", before_object},
      {"rename", before_name},
      {"replace", abort},
      {"returning", returning},
      {"rollback", abort},
      {"rows", before_operand},
      {"savepoint", before_object},
      {"select", select},
      {"set", set},
      {"table", table},
      {"then", before_operand},
      {"to", before_name},
      {"trigger", trigger},
      {"unique", unique},
      {"update", update},
      {"using", using_word},
      {"vacuum", vacuum},
      {"values", values},
      {"view", view},
      {"when", before_operand},
      {"where", where},
      {"window", window},
      {"with", with},
  });
}

/// The words, found by the hash of their text.
class sqlite_word_table {
 public:
  constexpr sqlite_word_table() {
    for (const listed_sqlite_word& listed : list_sqlite_words()) {
      const std::uint64_t hash = hash_of_text<letter_case::folded_word>(listed.name);
      std::size_t at = place_of(hash);
      while (entries_[at].hash != 0) at = (at + 1) % places;
      entries_[at] = {hash, listed.word};
    }
  }

  [[nodiscard]] constexpr sqlite_word operator[](std::uint64_t hash) const noexcept {
    std::size_t at = place_of(hash);
    while (entries_[at].hash != hash && entries_[at].hash != 0) at = (at + 1) % places;
    return entries_[at].word;
  }

 private:
  static constexpr std::size_t places = 256;

  struct entry {
    std::uint64_t hash = 0;
    sqlite_word word = sqlite_word::other;
  };

  [[nodiscard]] static constexpr std::size_t place_of(std::uint64_t hash) noexcept {
    return hash >> 56;
  }

  std::array<entry, places> entries_{};
};

constexpr sqlite_word_table sqlite_words;

}  // namespace

sqlite_word sqlite_word_of(std::string_view text) noexcept {
  constexpr std::size_t longest = std::string_view{"references"}.size();
  if (text.size() > longest) return sqlite_word::other;
  return sqlite_words[hash_of_text<letter_case::folded_word>(text)];
}

}  // namespace querytap::detail
