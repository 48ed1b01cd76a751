#include "url_text.hpp"

#include "../../base/ascii.hpp"

namespace querytap::detail {

void append_escaped(std::string& url, std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved = "-._~";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_ascii_alphanumeric(c) || unreserved.find(c) != unreserved.npos) {
      url += c;
    } else {
      url += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
}

}  // namespace querytap::detail
