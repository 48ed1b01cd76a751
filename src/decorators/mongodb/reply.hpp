#pragma once

#include "command_shape.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap::mongodb::detail {

/// What a server says of a failure, so that the driver and the application know whether to try again.
struct error_labels {
  bool is_overload = false;        ///< SystemOverloadedError: the server asks to be spared
  bool is_retryable = false;       ///< RetryableError, RetryableWriteError
  bool is_transient = false;       ///< TransientTransactionError: the transaction is gone
  bool is_unknown_commit = false;  ///< UnknownTransactionCommitResult
};

/// What is read of a reply: numbers, never a text.
///
/// Errors   any bytes will do.
struct reply_facts {
  std::int64_t cursor = 0;  ///< 0: there is none, or it has ended
  std::optional<std::uint64_t> rows = {};
  std::optional<std::uint64_t> affected = {};
  std::int64_t code =
      0;  ///< of the command, of its first write error or of its write concern; 0: none
  error_labels labels = {};
};

[[nodiscard, gnu::hot]] reply_facts read_reply(std::string_view reply,
                                               command_kind command) noexcept;
/// The same, for a reply with whatever members.
[[nodiscard]] reply_facts read_any_reply(std::string_view reply, command_kind command) noexcept;

}  // namespace querytap::mongodb::detail
