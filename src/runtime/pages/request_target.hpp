#pragma once

#include <string_view>

namespace querytap::detail {

/// The target of a request line, taken apart.
struct request_target {
  std::string_view path;   ///< begins with a slash, and ends in none unless it is the only one
  std::string_view query;  ///< what follows the question mark
};

/// Of a target in origin form, `/metrics?a=b`, or in absolute form, which a proxy may send on:
/// `http://host/metrics?a=b`.
///
/// Source   RFC 9112, section 3.2.
[[nodiscard]] request_target parse_request_target(std::string_view text) noexcept;

}  // namespace querytap::detail
