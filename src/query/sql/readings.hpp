#pragma once

#include "lexer.hpp"

namespace querytap::detail {

/// Where a string ends of which it is not known whether a backslash in it is an escape: where a
/// token ends in every reading that the server's settings allow. All before is a value in one of
/// the readings. Never beyond the end of the text, which is where readings meet that never agree.
///
/// Cost     linear: each reading goes over the bytes up to the result once.
[[nodiscard]] const char* past_doubtful_string(const sql_lexer& lexer, const char* quote) noexcept;

}  // namespace querytap::detail
