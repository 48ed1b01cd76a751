#pragma once

#include <querytap/base/outcome.hpp>

#include <hiredis.h>

#include <string_view>

namespace querytap::redis::detail {

/// The first word of an error's text: `WRONGTYPE`. Empty where it is not in capitals, and so may be
/// anything, as what a script answers with.
[[nodiscard]] std::string_view prefix_of_error(std::string_view text) noexcept;

/// How a call counts that was answered with this error.
[[nodiscard]] outcome outcome_of_error(std::string_view text) noexcept;

/// The answer of a node of a cluster that has not, or no longer, the key: the call goes on at another
/// node.
[[nodiscard]] bool is_redirect(std::string_view text) noexcept;

/// How a call counts that has just ended with this error of the context; `system_error` is errno.
[[nodiscard]] outcome outcome_of_context(int error, int system_error) noexcept;

[[nodiscard]] inline std::string_view text_of(const redisReply& reply) noexcept {
  return reply.str == nullptr ? std::string_view{} : std::string_view{reply.str, reply.len};
}

}  // namespace querytap::redis::detail
