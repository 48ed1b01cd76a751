#pragma once

#include <querytap/decorators/redis/async.hpp>
#include <querytap/decorators/redis/calls.hpp>
#include <querytap/decorators/redis/connection.hpp>
#include <querytap/decorators/redis/error.hpp>
#include <querytap/decorators/redis/passed_through.hpp>

/// hiredis with every command and pipeline timed.
///
///     redis::connection* cache = redis::redisConnect(recorder, "cache", 6379);  // was: redisContext*
///     auto* reply = static_cast<redisReply*>(redisCommand(cache, "GET session:%d", id));
///     if (reply != nullptr && reply->type == REDIS_REPLY_STRING) use(reply->str, reply->len);
///     freeReplyObject(reply);
///
/// The functions have hiredis' own names, arguments and results, and are found by the types of their
/// handles: where `redisContext*` becomes `redis::connection*`, the code between stays, `cache->err`
/// and `cache->errstr` too; who
/// names redisFree() without a call, as a deleter, writes redis::redisFree. For a context that the application keeps there is
/// `redis::connection observed{recorder, context}`; native() is the way back.
///
/// An operation is a command, from sending to its reply. Commands that are appended are one operation
/// from the moment they are sent, at the first redisGetReply(), to the last reply: `PIPELINE GET` where
/// all of them are GET, else `PIPELINE`; `MULTI …` where MULTI and EXEC are the first and the last.
/// It fails with the first error among its replies. `db.namespace` follows SELECT. Commands are named
/// as they are written; keys and values never leave. Where the format has the name of the command
/// and its options, other options that are values of it (`"SET k %s %s 10"`) are not seen.
///
/// MOVED and ASK are counted (`querytap.redis.redirects`) and no failure: the call goes on at another
/// node. After SUBSCRIBE and MONITOR replies are messages, and so are pushes under RESP3: they are
/// counted (`querytap.redis.messages`) and not timed. BLPOP and its kind are never slow by themselves.
/// EXEC returns no rows where a watched key has changed. Replies of 1 KiB and more are measured in
/// bytes (`querytap.response.size`).
///
/// Threads  as for hiredis: one thread at a time per connection.
/// Cost     two clock reads and two records per command, or per pipeline. Of a pipeline whose commands
///          have one format, a command costs a comparison of that format, and its reply one of the type.
///          No allocation once warm.
/// Errors   those of hiredis; none of these functions throws but those that connect, for options that
///          cannot be used. `error.type` is the error's prefix (`WRONGTYPE`), and so is
///          `db.response.status_code`; `_OTHER` where it is not in capitals; without an answer
///          `timeout`, `broken_connection`, `protocol_error`, `out_of_memory` or `client_error`;
///          `abandoned`, as cancelled, for replies that nobody read. redis::error is for applications
///          that want an exception.
/// Lifetime the recorder outlives the connection. A command that is sent on native() goes unseen, and
///          its reply may be taken for that of another: send all of them here, or none.
/// Source   hiredis 0.14 and 1.x; OpenTelemetry conventions for Redis.
namespace querytap::redis {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/redis.hpp>
#endif
