#pragma once

#include <string>
#include <string_view>

namespace querytap::detail {

/// A text as escaped in Prometheus' text formats: with quotes escaped in a label value and in a
/// HELP of OpenMetrics, without in a HELP of text 0.0.4.
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
