#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// `text` without the blanks on either side.
[[nodiscard]] std::string_view trimmed(std::string_view text,
                                       std::string_view blanks = " \t") noexcept;

/// `%2C` becomes `,`; nothing if a `%` has no two hexadecimal digits behind it.
///
/// Source   RFC 3986, section 2.1, as W3C Baggage and the OTEL_* variables use it.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace querytap::detail
