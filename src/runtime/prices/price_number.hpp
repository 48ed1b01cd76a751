#pragma once

#include <querytap/calls/models/money.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// `text` dollars times ten to the power of `shift`, exactly, but for what is below a billionth of a dollar.
/// Nothing if it is no decimal number, is below 0, or is above 9 billion dollars.
[[nodiscard]] std::optional<money> parse_price(std::string_view text, int shift = 0) noexcept;

/// Where in a file something stands, for messages: `prices.yaml, line 3: models.gpt-4o.input`.
struct price_place {
  std::string_view file;
  std::size_t line = 0;  // from 1
  std::string key = {};
};

/// Throws configuration_error.
[[noreturn]] void refuse_price_file(const price_place& place, std::string_view value,
                                    std::string_view reason);

}  // namespace querytap::detail
