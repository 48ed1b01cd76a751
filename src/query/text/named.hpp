#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

/// The statement of an operation that the application names itself: the text as it is, in valid UTF-8,
/// its blanks made single, and no longer than a summary may be.
[[nodiscard]] statement_identity identify_named(std::string_view text);

}  // namespace querytap::detail
