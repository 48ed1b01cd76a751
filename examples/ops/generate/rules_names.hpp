#pragma once

#include <string>
#include <string_view>

namespace ops_rules {

/// Puts the names of metrics and labels into a text: `<calls>_count{<system>="redis"}`. They come from the catalog by
/// the exporter's own naming, so that a rule cannot ask for what is not exported.
///
/// Errors   std::logic_error for a name in angle brackets that is not known.
[[nodiscard]] std::string with_names(std::string_view text);

}  // namespace ops_rules
