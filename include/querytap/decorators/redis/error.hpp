#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/decorators/redis/connection.hpp>

#include <stdexcept>
#include <string>

namespace querytap::redis {

/// The error of a reply, or of a connection that has none, for applications that throw.
///
///     auto* reply = static_cast<redisReply*>(redisCommand(cache, "GET session:%d", id));
///     if (redis::has_failed(reply)) throw redis::error{cache, reply};
///
/// A request that it ends fails with the same type as the call (outcome_of_current_exception()).
///
/// Errors   the message is the server's, which may quote a value: it is not recorded.
class error : public std::runtime_error {
 public:
  /// Of the reply, which it does not free; of the connection, if there is none.
  error(const connection* cache, const redisReply* reply);

  /// `WRONGTYPE`; empty where the server did not answer.
  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }
  [[nodiscard]] const outcome& how() const noexcept { return outcome_; }

 private:
  outcome outcome_;
  std::string prefix_;
};

/// No reply, or an error.
[[nodiscard]] inline bool has_failed(const redisReply* reply) noexcept {
  return reply == nullptr || reply->type == REDIS_REPLY_ERROR;
}

}  // namespace querytap::redis
