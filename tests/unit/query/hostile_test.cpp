// Any bytes have an identity, computed in linear time, and a text that normalises to itself.

#include "corpus.hpp"

#include <querytap/query/identify.hpp>
#include <support/sanitizer.hpp>

#include <catch2/catch.hpp>

#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

// A sanitizer's minute is not spent on the last nine tenths.
constexpr std::size_t megabyte = under_sanitizer ? 100'000 : 1'000'000;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string all;
  all.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += piece;
  return all;
}

void check_again(const std::string& sql, dialect dialect) {
  const statement_identity once = identify(sql, dialect);
  const statement_identity twice = identify(once.text, dialect);
  const bool is_cut = once.text.ends_with("…");
  const bool is_same = twice.text == once.text && (is_cut || twice.fingerprint == once.fingerprint);
  const bool is_short = once.text.size() <= 4096 && once.summary.size() <= 255;
  if (is_same && is_short) return;
  CAPTURE(sql, once.text, twice.text, once.summary);
  FAIL("normalised twice it is another text, or it is too long");
}

/// Inserts, duplicates, replaces and erases bytes, most of them with a meaning to a lexer.
std::string mutated(std::string_view original, std::mt19937& random) {
  using namespace std::string_view_literals;
  constexpr auto odd = "'\"`[]$?:@#;,.()-+*/=<>|&!~\\{}\n\r\t \0eExXuUnNbB019_\x80\xFF"sv;
  constexpr std::string_view words[] = {
      "IN(",      " IS ",   " TRUE ",   "VALUES(", "),(",    "ARRAY[",    "$$",
      "/*",       "*/",     "--",       "::",      "?|",     "1e5",       "-1",
      "NULL",     " NOT ",  "PRAGMA",   "SELECT ", " FROM ", "SET ",      "TO ",
      "EXECUTE ", "FETCH ", "PREPARE ", " VALUE(", "2024_a", "/*!50000 ", "\xEF\xBB\xBF"};
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
  };
  std::string sql{original};
  for (std::size_t left = 1 + below(8); left != 0; --left) {
    const std::size_t at = below(sql.size() + 1);
    switch (below(5)) {
      case 0: sql.insert(at, 1, odd[below(odd.size())]); break;
      case 1: sql.insert(at, words[below(std::size(words))]); break;
      case 2: sql.erase(at, 1 + below(4)); break;
      case 3: sql.insert(at, sql.substr(below(sql.size() + 1), below(12))); break;
      default:
        if (at < sql.size()) sql[at] = odd[below(odd.size())];
    }
  }
  return sql;
}

void check_repeated(std::string_view piece, std::size_t size, dialect dialect) {
  CAPTURE(piece);
  const statement_identity identity = identify(repeated(piece, size / piece.size()), dialect);
  CHECK(identity.text.size() <= 4096);
  CHECK(identity.summary.size() <= 255);
  CHECK(identify(identity.text, dialect).text == identity.text);
}

}  // namespace

TEST_CASE("broken statements normalise to a text that stays as it is") {
  const dialect dialect = GENERATE(from_range(dialects));
  std::mt19937 random{20'240'601};
  for (int round = 0; round < 300; ++round) {
    for (const known_statement& known : corpus(dialect))
      check_again(mutated(known.sql, random), dialect);
  }
}

TEST_CASE("random bytes normalise to a text that stays as it is") {
  const dialect dialect = GENERATE(from_range(dialects));
  std::mt19937 random{7};
  std::uniform_int_distribution<int> byte{0, 255};
  for (int round = 0; round < 20'000; ++round) {
    std::string sql(40, ' ');
    for (char& c : sql) c = static_cast<char>(byte(random));
    check_again(sql, dialect);
  }
}

TEST_CASE("texts about as long as the limit are cut in the same place again") {
  const dialect dialect = GENERATE(from_range(dialects));
  for (std::size_t size = 4080; size < 4110; ++size) {
    const std::string filler(size, 'x');
    for (const std::string_view end : {"", ";", "; savepoint a", ",(1", ".b", "(1),(2)", " in (1,2",
                                       "::int", " -1", " is true"}) {
      check_again(filler + std::string{end}, dialect);
      check_again("values (" + filler + std::string{end} + "), (2)", dialect);
      check_again("select " + filler + " = -1 in (1, 2, " + std::string{end}, dialect);
    }
  }
}

TEST_CASE("a megabyte of anything is read in one go") {
  const dialect dialect = GENERATE(from_range(dialects));
  for (const std::string_view piece :
       {"(",   ")",       "[",        "'",  "\"",   "''", "$",     "$a",   "$a$",    "$$",
        "/*",  "/* */",   "--\n",     "-",  "+",    "+@", "-/**/", "?",    "?|",     ".",
        "::",  ":",       "a",        "1",  "1.",   "e'", "\\",    "\xFF", "in (1,", "(values (1),",
        "),(", "select ", " from a,", "a ", "' \n", "x'", "u&'",   "[a]",  "- 1 ",   ";"}) {
    check_repeated(piece, megabyte, dialect);
  }
}

TEST_CASE("ten megabytes are read as well") {
  for (const std::string_view piece : {"-/**/", "'a' ", "in (1,", "\"a"}) {
    check_repeated(piece, 10 * megabyte, dialect::postgresql);
  }
  CHECK(identify("select '" + std::string(10 * megabyte, 'x'), dialect::sqlite).text == "select ?");
}

TEST_CASE("comments may be nested ten thousand deep") {
  const std::string sql =
      "select a " + repeated("/*", 10'000) + " 'x' " + repeated("*/", 10'000) + " from t";
  CHECK(identify(sql, dialect::postgresql).text == "select a from t");
}

TEST_CASE("a subquery below the depth limit still leaves no value behind") {
  const std::string sql =
      repeated("select (", 1'000) + "'secret'" + repeated(")", 1'000) + " from t";
  const statement_identity identity = identify(sql, dialect::postgresql);
  CHECK(identity.text.find("secret") == std::string::npos);
  CHECK(identity.summary.size() <= 255);
}

TEST_CASE("a NUL byte is a blank outside of quotes and nothing special within") {
  using namespace std::string_literals;
  CHECK(identify("select\0a, 'b\0c' from t"s, dialect::sqlite).text == "select a, ? from t");
}

}  // namespace querytap::testing
