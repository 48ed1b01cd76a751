// The identity of a statement agrees with PostgreSQL's own parser on which tokens are values, and
// which statements are the same.

#include "debian_sql.hpp"
#include "disagreement.hpp"
#include "pg_query.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {
namespace {

using pg_query::literal;

statement_identity identity_of(const std::string& sql) {
  return identify(sql, dialect::postgresql, {.backslash_escapes = false});
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_operator(const std::string& token) {
  return std::string_view{"+-*/<>=~!@#%^&|`?.:["}.find(token[0]) != std::string_view::npos;
}

/// A replacement for the literal: of the same kind, and found in no other text.
std::string canary(literal kind, std::size_t number) {
  const std::string digits = "7290" + std::to_string(100'000 + number);
  switch (kind) {
    case literal::string: return "'it''s " + digits + "'";
    case literal::unicode_string: return "U&'" + digits + "'";
    case literal::bits: return "X'" + digits + "'";
    case literal::fraction: return digits + ".5e-3";
    case literal::parameter: return "$" + digits;
    default: return digits;
  }
}

/// Whether the number is the place of a column, as in `order by 1`, which is no value.
bool is_place_of_column(const std::string& sql, const std::vector<pg_query::token>& tokens,
                        std::size_t at) {
  const auto text_of = [&](std::size_t index) {
    return lower(sql.substr(tokens[index].begin, tokens[index].end - tokens[index].begin));
  };
  const bool is_whole_item = at + 1 == tokens.size() || !is_operator(text_of(at + 1));
  return at > 0 && tokens[at].kind == literal::whole && text_of(at - 1) == "by" && is_whole_item;
}

/// The statement with other values.
std::string with_canaries(const std::string& sql) {
  std::string text;
  std::size_t copied = 0;
  std::size_t number = 0;
  const std::vector<pg_query::token> tokens = pg_query::scan(sql);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const pg_query::token& token = tokens[at];
    if (token.kind == literal::none || is_place_of_column(sql, tokens, at)) continue;
    text += sql.substr(copied, token.begin - copied) + canary(token.kind, number++);
    copied = token.end;
  }
  return text + sql.substr(copied);
}

/// Each statement as written, and with other values where it has values.
std::vector<std::string> statements() {
  std::vector<std::string> all = debian_sql();
  for (const std::string& sql : debian_sql()) {
    const std::string other = with_canaries(sql);
    if (other != sql && pg_query::fingerprint(other)) all.push_back(other);
  }
  return all;
}

std::size_t pairs_of(std::size_t count) { return count * (count - 1) / 2; }

/// Statements by two fingerprints: that of one side, then that of the other.
using groups = std::map<std::uint64_t, std::map<std::uint64_t, std::vector<std::string>>>;

std::size_t size_of(const groups::mapped_type& group) {
  std::size_t size = 0;
  for (const auto& [other, members] : group) size += members.size();
  return size;
}

std::size_t pairs_split(const groups& all) {
  std::size_t pairs = 0;
  for (const auto& [fingerprint, group] : all) {
    pairs += pairs_of(size_of(group));
    for (const auto& [other, members] : group) pairs -= pairs_of(members.size());
  }
  return pairs;
}

/// One line for each pair that differs for no known reason.
std::string unexplained(const groups& all, disagreement::side says_same,
                        std::map<std::string_view, int>& seen) {
  std::string lines;
  for (const auto& [fingerprint, group] : all) {
    for (auto left = group.begin(); left != group.end(); ++left) {
      for (auto right = std::next(left); right != group.end(); ++right) {
        const std::string& left_sql = left->second.front();
        const std::string& right_sql = right->second.front();
        const auto reason = reason_of(says_same, left_sql, right_sql);
        if (reason.empty()) lines += left_sql + "\n  and\n" + right_sql + '\n';
        ++seen[reason];
      }
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("nothing that PostgreSQL's scanner takes for a literal is left in the text") {
  std::size_t literals = 0;
  for (const std::string& sql : debian_sql()) {
    const std::string replaced = with_canaries(sql);
    const statement_identity identity = identity_of(replaced);
    for (const pg_query::token& token : pg_query::scan(sql))
      literals += token.kind != literal::none;
    const bool is_clean = (identity.text + identity.summary).find("7290") == std::string::npos;
    if (is_clean && identity.fingerprint == identity_of(sql).fingerprint) continue;
    CAPTURE(replaced);
    FAIL(identity.text);
  }
  CHECK(debian_sql().size() > 3'000);
  CHECK(literals > 4'000);
}

TEST_CASE(
    "two statements have one fingerprint where they have one to libpg_query, except for known "
    "reasons") {
  groups by_judge;
  groups by_us;
  const std::vector<std::string> all = statements();
  for (const std::string& sql : all) {
    const std::uint64_t judged = pg_query::fingerprint(sql).value();
    const std::uint64_t ours = identity_of(sql).fingerprint;
    by_judge[judged][ours].push_back(sql);
    by_us[ours][judged].push_back(sql);
  }

  const std::size_t split = pairs_split(by_judge);
  const std::size_t merged = pairs_split(by_us);
  const std::size_t pairs = pairs_of(all.size());
  INFO(all.size() << " statements, " << pairs << " pairs, " << split << " split by us alone, "
                  << merged << " by libpg_query alone");
  CHECK(1 - static_cast<double>(split + merged) / static_cast<double>(pairs) >= 0.995);

  std::map<std::string_view, int> seen;
  CHECK(unexplained(by_judge, disagreement::side::judge, seen) == "");
  CHECK(unexplained(by_us, disagreement::side::ours, seen) == "");
  for (const disagreement& kind : disagreements()) {
    CAPTURE(kind.reason);
    CHECK(seen[kind.reason] > 0);
  }
}

}  // namespace querytap::testing
