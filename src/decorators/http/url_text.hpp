#pragma once

#include <string>
#include <string_view>

namespace querytap::detail {

/// Appends `value` to a URL, with `%` and two digits for all but what never needs it.
///
/// Source   RFC 3986, section 2.3.
void append_escaped(std::string& url, std::string_view value);

}  // namespace querytap::detail
