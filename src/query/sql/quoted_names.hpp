#pragma once

#include "lexer.hpp"

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The hash of the name in quotes itself, so that "a" is the same as a; "select" never is the keyword.
[[nodiscard]] std::uint64_t hash_of_quoted(const sql_lexer& lexer,
                                           std::string_view quoted) noexcept;

}  // namespace querytap::detail
