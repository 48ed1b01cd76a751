#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/decorators/redis/detail/hiredis_version.hpp>
#include <querytap/decorators/redis/detail/plain_replies.hpp>
#include <querytap/decorators/redis/detail/repeated_command.hpp>

#include <cstddef>
#include <optional>

namespace querytap {
class recorder;
}

namespace querytap::redis {

namespace detail {
class session;
struct pipeline_parts;
}  // namespace detail

struct connection_options {
  /// As in backend_options. A command that waits for others by itself (BLPOP, XREAD BLOCK, WAIT …) is
  /// slow only where set_slow_statement() says so.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
  /// A reply of more bytes is a finding; 0: none is.
  std::size_t large_reply = std::size_t{1} << 20;
  /// Whether a SET that sets no expiry is a finding: for a database that is a cache.
  bool expects_expiry = false;
};

/// In the place of redisContext: what redisConnect() makes, and redisFree() ends.
///
///     redis::connection* cache = redis::redisConnect(recorder, "127.0.0.1", 6379);
///     if (cache == nullptr || cache->err != 0) return cache == nullptr ? "" : cache->errstr;
///     redis::connection observed{recorder, context};   // of the application, which frees it
///
/// Threads  one at a time.
/// Errors   std::bad_alloc; configuration_error for options that cannot be used.
/// Lifetime an observed context outlives its connection.
class connection {
 public:
  /// Times calls on a context that the application owns and frees.
  connection(recorder& telemetry, redisContext* context, const connection_options& options = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  [[nodiscard]] redisContext* native() const noexcept { return native_; }

 private:
  friend class detail::session;
  friend struct detail::pipeline_parts;
  connection(recorder& telemetry, redisContext* context, const connection_options& options,
             std::optional<int> database);

  // First what each command of a pipeline needs.
  redisContext* const native_;
  detail::plain_replies plain_replies_;
  detail::repeated_command repeated_command_;

 public:
  // The members of redisContext that applications read and write.
  int& err;
  char (&errstr)[sizeof(redisContext::errstr)];
  detail::descriptor& fd;
  int& flags;
  redisReader*& reader;
  decltype(redisContext::tcp)& tcp;
  decltype(redisContext::unix_sock)& unix_sock;

 private:
  bool is_own_ = false;
  const querytap::detail::pimpl<detail::session> session_;
};

/// A connection that times the calls on a context that the application keeps, and frees after it.
[[nodiscard]] inline connection observe(recorder& telemetry, redisContext* context,
                                        const connection_options& options = {}) {
  return connection{telemetry, context, options};
}

}  // namespace querytap::redis
