#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// PostgreSQL's own scanner and parser, as libpg_query brings them: the judge of what we make of SQL.
namespace querytap::testing::pg_query {

enum class literal : std::uint8_t {
  none,
  string,
  unicode_string,
  bits,
  whole,
  fraction,
  parameter
};

struct token {
  std::size_t begin = 0;
  std::size_t end = 0;
  literal kind = literal::none;
};

/// As far as the scanner comes.
[[nodiscard]] std::vector<token> scan(const std::string& sql);

/// The statements of a script, as the parser cuts it; empty where it does not parse.
[[nodiscard]] std::vector<std::string> split(const std::string& script);

/// Of the parse tree, without constants; nothing where the text does not parse.
[[nodiscard]] std::optional<std::uint64_t> fingerprint(const std::string& sql);

/// The text that the parse tree gives: one spelling for all that mean the same.
[[nodiscard]] std::string respelled(const std::string& sql);

}  // namespace querytap::testing::pg_query
