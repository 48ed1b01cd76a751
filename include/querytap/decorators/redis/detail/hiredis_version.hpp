#pragma once

#include <hiredis.h>

#include <cerrno>

/// All that differs between hiredis 0.14 and 1.x: the rest of the decorator is written once.
///
/// A reply has another layout in each: a program is built against the version that it runs with.
/// What hiredis 1.x has besides is declared where QUERYTAP_HIREDIS_1 is set, or
/// QUERYTAP_HIREDIS_1_1 or QUERYTAP_HIREDIS_1_2.
#if HIREDIS_MAJOR >= 1
#define QUERYTAP_HIREDIS_1
#endif
#if HIREDIS_MAJOR > 1 || (HIREDIS_MAJOR == 1 && HIREDIS_MINOR >= 1)
#define QUERYTAP_HIREDIS_1_1
#endif
#if HIREDIS_MAJOR > 1 || (HIREDIS_MAJOR == 1 && HIREDIS_MINOR >= 2)
#define QUERYTAP_HIREDIS_1_2
#endif

namespace querytap::redis::detail {

/// How a reply holds what it holds.
enum class reply_form {
  none,     ///< nil
  error,    ///< `str`
  status,   ///< `str`, no data
  number,   ///< integer, boolean, double: no data to speak of
  text,     ///< `str`
  list,     ///< `element`
  map,      ///< `element`, two for each pair
  message,  ///< `element`: the answer to no command
};

[[nodiscard]] inline reply_form form_of(const redisReply& reply) noexcept {
  switch (reply.type) {
    case REDIS_REPLY_NIL: return reply_form::none;
    case REDIS_REPLY_ERROR: return reply_form::error;
    case REDIS_REPLY_STATUS: return reply_form::status;
    case REDIS_REPLY_STRING: return reply_form::text;
    case REDIS_REPLY_ARRAY: return reply_form::list;
#ifdef QUERYTAP_HIREDIS_1
    case REDIS_REPLY_SET: return reply_form::list;
    case REDIS_REPLY_MAP:
    case REDIS_REPLY_ATTR: return reply_form::map;
    case REDIS_REPLY_PUSH: return reply_form::message;
    case REDIS_REPLY_VERB:
    case REDIS_REPLY_BIGNUM: return reply_form::text;
#endif
    default: return reply_form::number;
  }
}

/// Whether a reply is the answer to no command.
[[nodiscard]] inline bool is_message(const redisReply& reply) noexcept {
#ifdef QUERYTAP_HIREDIS_1
  return reply.type == REDIS_REPLY_PUSH;
#else
  static_cast<void>(reply);
  return false;  // not in its protocol
#endif
}

/// A reply that the server sends by itself comes to the application as one, and not to a callback.
[[nodiscard]] inline bool returns_pushes(const redisContext& context) noexcept {
#ifdef QUERYTAP_HIREDIS_1
  return context.push_cb == nullptr;
#else
  static_cast<void>(context);
  return false;                // not in its protocol
#endif
}

/// redisGetReply(), where a reply may be there already. That of 0.14 asks the reader first, as this does,
/// and is left to wait and to say what is wrong; that of 1.x has to look whether the reply is the answer to
/// a command.
[[nodiscard]] inline int next_reply(redisContext* context, void** reply) noexcept {
#ifndef QUERYTAP_HIREDIS_1
  const int code = ::redisReaderGetReply(context->reader, reply);
  if (code == REDIS_OK && *reply != nullptr) [[likely]]
    return code;
#endif
  return ::redisGetReply(context, reply);
}

/// Whether a call has just failed for its time limit. 0.14 tells it only by errno.
[[nodiscard]] inline bool is_timeout(int error, int system_error) noexcept {
#ifdef QUERYTAP_HIREDIS_1
  if (error == REDIS_ERR_TIMEOUT) return true;
#endif
  return error == REDIS_ERR_IO &&
         (system_error == EAGAIN || system_error == EWOULDBLOCK || system_error == ETIMEDOUT);
}

/// Whether redisReconnect() gives the new socket the time limit of redisSetTimeout().
[[nodiscard]] constexpr bool keeps_timeout() noexcept { return HIREDIS_MAJOR >= 1; }

/// A reply that no callback has taken.
inline void free_unclaimed(const redisContext& context, void* reply) noexcept {
#ifdef REDIS_NO_AUTO_FREE_REPLIES
  if ((context.flags & REDIS_NO_AUTO_FREE_REPLIES) != 0) context.reader->fn->freeObject(reply);
#else
  static_cast<void>(context);  // hiredis frees it itself
  static_cast<void>(reply);
#endif
}

using descriptor = decltype(redisContext::fd);

}  // namespace querytap::redis::detail
