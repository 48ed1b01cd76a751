#pragma once

#include <cstdint>
#include <string_view>

namespace querytap::postgres::detail {

/// What a statement that an application sends as a text does to the transaction of its session.
enum class transaction_effect : std::uint8_t { none, begins, commits, rolls_back };

/// Of one statement; none for several at once.
[[nodiscard]] transaction_effect effect_of(std::string_view text) noexcept;

}  // namespace querytap::postgres::detail
