#pragma once

#include <string>
#include <string_view>

namespace querytap::detail {

/// A text as it stands in Prometheus' text formats: in a label value or a HELP of OpenMetrics with
/// its quotes escaped, in a HELP of text 0.0.4 without.
[[nodiscard]] inline std::string escaped_text(std::string_view text, bool quotes) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\': result += "\\\\"; break;
      case '\n': result += "\\n"; break;
      case '"': result += quotes ? "\\\"" : "\""; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace querytap::detail
