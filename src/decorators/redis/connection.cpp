#include <querytap/decorators/redis/connection.hpp>

#include "../common/connect_timer.hpp"
#include "redis_failure.hpp"
#include "session.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/decorators/redis/calls.hpp>
#include <querytap/decorators/redis/error.hpp>

#include <cerrno>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace querytap::redis {
namespace {

/// Frees a context unless the connection that it is for has been made.
class unused_context {
 public:
  explicit unused_context(redisContext* context) noexcept : context_{context} {}
  unused_context(const unused_context&) = delete;
  unused_context& operator=(const unused_context&) = delete;
  ~unused_context() {
    if (context_ != nullptr) ::redisFree(context_);
  }
  [[nodiscard]] redisContext* get() const noexcept { return context_; }
  void release() noexcept { context_ = nullptr; }

 private:
  redisContext* context_;
};

connection* connection_of(recorder& telemetry, redisContext* context,
                          const connection_options& options) {
  if (context == nullptr) return nullptr;
  unused_context unused{context};
  connection* const made = detail::session::make(telemetry, context, options);
  unused.release();
  return made;
}

template <class Connect>
connection* connected(recorder& telemetry, const connection_options& options, Connect connect) {
  redisContext* context = nullptr;
  {
    const querytap::detail::connect_timer timer{telemetry, database_systems::redis.name};
    context = connect();
    if (context != nullptr && context->err != 0) {
      querytap::detail::current_request_failed(detail::outcome_of_context(context->err, errno));
    }
  }
  return connection_of(telemetry, context, options);
}

}  // namespace

// What database an observed context uses is not known before its next SELECT.
connection::connection(recorder& telemetry, redisContext* context,
                       const connection_options& options)
    : connection{telemetry, context, options, std::nullopt} {}

connection::connection(recorder& telemetry, redisContext* context,
                       const connection_options& options, std::optional<int> database)
    : native_{context},
      err{context->err},
      errstr{context->errstr},
      fd{context->fd},
      flags{context->flags},
      reader{context->reader},
      tcp{context->tcp},
      unix_sock{context->unix_sock},
      session_{new detail::session{telemetry, context, options, database, repeated_command_,
                                   plain_replies_}} {}

connection::~connection() = default;

namespace detail {

connection* session::make(recorder& telemetry, redisContext* context,
                          const connection_options& options) {
  constexpr int first_database = 0;
  auto* const made = new connection{telemetry, context, options, first_database};
  made->is_own_ = true;
  return made;
}

void session::end(connection& owner) noexcept {
  of(owner).abandon();
  if (owner.is_own_) delete &owner;
}

}  // namespace detail

connection* redisConnect(recorder& telemetry, const char* ip, int port,
                         const connection_options& options) {
  return connected(telemetry, options, [=] { return ::redisConnect(ip, port); });
}

connection* redisConnectWithTimeout(recorder& telemetry, const char* ip, int port, timeval limit,
                                    const connection_options& options) {
  return connected(telemetry, options, [=] { return ::redisConnectWithTimeout(ip, port, limit); });
}

connection* redisConnectUnix(recorder& telemetry, const char* path,
                             const connection_options& options) {
  return connected(telemetry, options, [=] { return ::redisConnectUnix(path); });
}

connection* redisConnectUnixWithTimeout(recorder& telemetry, const char* path, timeval limit,
                                        const connection_options& options) {
  return connected(telemetry, options, [=] { return ::redisConnectUnixWithTimeout(path, limit); });
}

connection* redisConnectNonBlock(recorder& telemetry, const char* ip, int port,
                                 const connection_options& options) {
  return connection_of(telemetry, ::redisConnectNonBlock(ip, port), options);
}

connection* redisConnectBindNonBlock(recorder& telemetry, const char* ip, int port,
                                     const char* source_addr, const connection_options& options) {
  return connection_of(telemetry, ::redisConnectBindNonBlock(ip, port, source_addr), options);
}

connection* redisConnectBindNonBlockWithReuse(recorder& telemetry, const char* ip, int port,
                                              const char* source_addr,
                                              const connection_options& options) {
  return connection_of(telemetry, ::redisConnectBindNonBlockWithReuse(ip, port, source_addr),
                       options);
}

connection* redisConnectUnixNonBlock(recorder& telemetry, const char* path,
                                     const connection_options& options) {
  return connection_of(telemetry, ::redisConnectUnixNonBlock(path), options);
}

connection* redisConnectFd(recorder& telemetry, detail::descriptor fd,
                           const connection_options& options) {
  return connection_of(telemetry, ::redisConnectFd(fd), options);
}

#ifdef QUERYTAP_HIREDIS_1
connection* redisConnectWithOptions(recorder& telemetry, const redisOptions* settings,
                                    const connection_options& options) {
  if ((settings->options & REDIS_OPT_NONBLOCK) != 0) {
    return connection_of(telemetry, ::redisConnectWithOptions(settings), options);
  }
  return connected(telemetry, options, [=] { return ::redisConnectWithOptions(settings); });
}
#endif

int redisReconnect(connection* cache) noexcept {
  detail::session& session = detail::session::of(*cache);
  session.begin_reconnect();
  const auto reconnect = [&] { return ::redisReconnect(cache->native()); };
  int code = REDIS_ERR;
  try {
    const querytap::detail::connect_timer timer{session.telemetry(), database_systems::redis.name};
    code = reconnect();
  } catch (const std::exception&) {
    code = reconnect();  // without memory for the series it is not timed
  }
  session.end_reconnect(code == REDIS_OK);
  return code;
}

int redisSetTimeout(connection* cache, timeval limit) noexcept {
  const int code = ::redisSetTimeout(cache->native(), limit);
  if (code == REDIS_OK) detail::session::of(*cache).set_timeout(limit);
  return code;
}

void redisFree(connection* cache) noexcept {
  if (cache == nullptr) return;
  redisContext* const context = cache->native();
  detail::session::end(*cache);
  ::redisFree(context);
}

detail::descriptor redisFreeKeepFd(connection* cache) noexcept {
  redisContext* const context = cache->native();
  detail::session::end(*cache);
  return ::redisFreeKeepFd(context);
}

error::error(const connection* cache, const redisReply* reply)
    : std::runtime_error{reply == nullptr ? std::string{cache->errstr}
                                          : std::string{detail::text_of(*reply)}},
      outcome_{reply == nullptr ? detail::session::of(*cache).outcome_of_error_now()
                                : detail::outcome_of_error(detail::text_of(*reply))},
      prefix_{reply == nullptr ? std::string_view{}
                               : detail::prefix_of_error(detail::text_of(*reply))} {}

}  // namespace querytap::redis
