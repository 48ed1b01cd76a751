#pragma once

#include <mysql.h>

#include <string>
#include <string_view>

namespace querytap::mysql::detail {

/// The text with a `_` for each byte in a character that is not its first, where the connection's
/// character set has backslashes and quotes among these (gbk, sjis, …); else the text itself.
[[nodiscard]] std::string_view readable_text(const MYSQL* handle, std::string_view sql,
                                             std::string& into) noexcept;

}  // namespace querytap::mysql::detail
