#include "redis_failure.hpp"

#include <querytap/base/exception_outcome.hpp>
#include <querytap/decorators/redis/error.hpp>

#include <algorithm>
#include <optional>

namespace querytap::redis {
namespace {

constexpr std::size_t longest_prefix = 16;

bool is_of_prefix(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<outcome> outcome_of_redis_exception() noexcept {
  try {
    throw;
  } catch (const error& failure) {
    return failure.how();
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier redis_exceptions{&outcome_of_redis_exception};

}  // namespace

namespace detail {

std::string_view prefix_of_error(std::string_view text) noexcept {
  const std::string_view word = text.substr(0, text.find(' '));
  const bool is_prefix = !word.empty() && word.size() <= longest_prefix && word.front() >= 'A' &&
                         std::all_of(word.begin(), word.end(), is_of_prefix);
  return is_prefix ? word : std::string_view{};
}

outcome outcome_of_error(std::string_view text) noexcept {
  const std::string_view prefix = prefix_of_error(text);
  // CLIENT UNBLOCK … ERROR, and what ends a waiting call when its server becomes a replica.
  const failure_kind kind = prefix == "UNBLOCKED" ? failure_kind::cancelled : failure_kind::error;
  return outcome::error(prefix, prefix, kind);
}

bool is_redirect(std::string_view text) noexcept {
  return text.starts_with("MOVED ") || text.starts_with("ASK ");
}

outcome outcome_of_context(int error, int system_error) noexcept {
  if (is_timeout(error, system_error)) return outcome::error("timeout", {}, failure_kind::timeout);
  switch (error) {
    case REDIS_ERR_IO:
    case REDIS_ERR_EOF: return outcome::error("broken_connection");
    case REDIS_ERR_PROTOCOL: return outcome::error("protocol_error");
    case REDIS_ERR_OOM: return outcome::error("out_of_memory");
    default: return outcome::error("client_error");
  }
}

}  // namespace detail
}  // namespace querytap::redis
