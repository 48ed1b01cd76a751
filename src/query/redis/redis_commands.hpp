#pragma once

#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

struct redis_command {
  statement_kind kind = statement_kind::other;
  bool has_subcommands = false;
  std::uint8_t values_before_options = 0;
  std::string_view options = {};  ///< with a blank before and after each
};

/// What is known of a command, in any case; the defaults for an unknown one.
[[nodiscard]] redis_command find_redis_command(std::string_view name) noexcept;

/// Whether it is the second word of a command that has two, of any of them.
[[nodiscard]] bool is_redis_subcommand(std::string_view word) noexcept;

[[nodiscard]] bool is_redis_option(const redis_command& command,
                                   std::string_view argument) noexcept;

}  // namespace querytap::detail
