#pragma once

#include "command_shape.hpp"
#include "reply.hpp"

#include <querytap/base/outcome.hpp>

#include <cstdint>

namespace querytap::mongodb::detail {

/// Of a code that came from a server.
[[nodiscard]] outcome outcome_of_code(std::int64_t code) noexcept;
/// Of an error of libmongoc: a code of a server, or what libmongoc found itself, as `stream:4`.
[[nodiscard]] outcome outcome_of_error(std::uint32_t domain, std::uint32_t code) noexcept;
[[nodiscard]] bool has_waited_for_lock(std::int64_t code) noexcept;

/// How often libmongoc, unless its options forbid it, sends a command again that fails.
enum class retry_rule : std::uint8_t { never, as_read, as_write };

[[nodiscard]] retry_rule retry_rule_of(const command_traits& command) noexcept;
[[nodiscard]] bool will_be_retried(retry_rule rule, const reply_facts& reply,
                                   bool is_of_network) noexcept;

}  // namespace querytap::mongodb::detail
