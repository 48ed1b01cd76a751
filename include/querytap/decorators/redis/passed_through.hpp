#pragma once

#include <querytap/decorators/redis/connection.hpp>

/// The functions of hiredis that send no command: passed through, and not timed.
///
///     redisEnableKeepAlive(cache);
///
/// Source   hiredis.h of hiredis 0.14 and 1.x
namespace querytap::redis {

inline int redisEnableKeepAlive(connection* cache) noexcept {
  return ::redisEnableKeepAlive(cache->native());
}
inline int redisBufferRead(connection* cache) noexcept {
  return ::redisBufferRead(cache->native());
}
#ifdef QUERYTAP_HIREDIS_1
inline redisPushFn* redisSetPushCallback(connection* cache, redisPushFn* function) noexcept {
  return ::redisSetPushCallback(cache->native(), function);
}
#endif
#ifdef QUERYTAP_HIREDIS_1_2
inline int redisEnableKeepAliveWithInterval(connection* cache, int interval) noexcept {
  return ::redisEnableKeepAliveWithInterval(cache->native(), interval);
}
inline int redisSetTcpUserTimeout(connection* cache, unsigned limit) noexcept {
  return ::redisSetTcpUserTimeout(cache->native(), limit);
}
#endif

}  // namespace querytap::redis
