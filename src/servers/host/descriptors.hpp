#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace querytap::detail {

/// Soft limit of file descriptors; nothing where there is none.
[[nodiscard]] std::optional<std::int64_t> descriptor_limit();

/// How many file descriptors the process has, without the one that counts them; nothing where /proc
/// cannot be read. Where no descriptor is left to count with, the limit.
[[nodiscard]] std::optional<std::int64_t> open_descriptors(const std::string& proc);

}  // namespace querytap::detail
