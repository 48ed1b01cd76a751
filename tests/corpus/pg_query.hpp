#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// PostgreSQL's own scanner and parser, from libpg_query: the reference for the identity of
/// statements.
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

/// All tokens, up to the first error of the scanner.
[[nodiscard]] std::vector<token> scan(const std::string& sql);

/// The statements of a script, as the parser splits it; empty where the script does not parse.
[[nodiscard]] std::vector<std::string> split(const std::string& script);

/// The hash of the parse tree without constants; empty where the text does not parse.
[[nodiscard]] std::optional<std::uint64_t> fingerprint(const std::string& sql);

/// The parse tree as text: one spelling for all statements with the same tree.
[[nodiscard]] std::string respelled(const std::string& sql);

}  // namespace querytap::testing::pg_query
