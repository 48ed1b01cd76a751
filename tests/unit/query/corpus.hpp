#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/base/statement_identity.hpp>

#include <array>
#include <span>
#include <string_view>

namespace querytap::testing {

/// A statement and its expected identity.
struct known_statement {
  std::string_view sql;
  std::string_view text;
  std::string_view summary;
  statement_kind kind;
};

inline constexpr std::array dialects{dialect::postgresql, dialect::sqlite, dialect::mysql,
                                     dialect::redis, dialect::mongodb};

[[nodiscard]] std::span<const known_statement> corpus(dialect dialect);

}  // namespace querytap::testing
