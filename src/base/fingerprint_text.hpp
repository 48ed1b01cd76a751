#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace querytap::detail {

/// The fingerprint of a statement, or the shape of a plan, as every way out writes it: 16 hexadecimal digits.
[[nodiscard]] inline std::string fingerprint_text(std::uint64_t fingerprint) {
  return fmt::format("{:016x}", fingerprint);
}

}  // namespace querytap::detail
