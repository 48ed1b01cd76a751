#include "sqlite_words.hpp"

#include "../text/word_hash.hpp"

#include <algorithm>
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

struct hashed_sqlite_word {
  std::uint64_t hash = 0;
  sqlite_word word = sqlite_word::other;
};

constexpr auto hash_sqlite_words() {
  constexpr auto listed = list_sqlite_words();
  std::array<hashed_sqlite_word, listed.size()> hashed{};
  for (std::size_t i = 0; i < listed.size(); ++i) {
    hashed[i] = {hash_of_text<letter_case::folded_word>(listed[i].name), listed[i].word};
  }
  std::sort(hashed.begin(), hashed.end(),
            [](const auto& a, const auto& b) { return a.hash < b.hash; });
  return hashed;
}

constexpr auto sqlite_words = hash_sqlite_words();

}  // namespace

sqlite_word sqlite_word_of(std::string_view text) noexcept {
  const std::uint64_t hash = hash_of_text<letter_case::folded_word>(text);
  const auto* const found = std::lower_bound(
      sqlite_words.begin(), sqlite_words.end(), hash,
      [](const hashed_sqlite_word& word, std::uint64_t h) { return word.hash < h; });
  return found != sqlite_words.end() && found->hash == hash ? found->word : sqlite_word::other;
}

}  // namespace querytap::detail
