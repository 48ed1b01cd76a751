#pragma once

#include <string>
#include <string_view>

namespace querytap::detail {

/// A gzip file of `data`, at level 1: the size of a request falls to a fraction, and higher levels
/// take several times as long for little more.
///
/// Source   RFC 1952.
[[nodiscard]] std::string gzip(std::string_view data);

}  // namespace querytap::detail
