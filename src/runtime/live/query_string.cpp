#include "query_string.hpp"

#include <algorithm>
#include <charconv>

namespace querytap::detail {
namespace {

// A `%` without two hexadecimal digits stands for itself.
std::string url_decoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    unsigned byte = 0;
    const bool has_code =
        text.size() >= 3 && text.front() == '%' &&
        std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3;
    result += has_code ? static_cast<char>(byte) : text.front() == '+' ? ' ' : text.front();
    text.remove_prefix(has_code ? 3 : 1);
  }
  return result;
}

}  // namespace

std::vector<std::string> query_values(std::string_view query, std::string_view name) {
  std::vector<std::string> values;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (url_decoded(pair.substr(0, equals)) != name) continue;
    values.push_back(url_decoded(pair.substr(std::min(pair.size(), equals + 1))));
  }
  return values;
}

}  // namespace querytap::detail
