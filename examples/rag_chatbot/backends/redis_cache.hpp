#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/service/address.hpp>
#include <rag_chatbot/service/answer_cache.hpp>

#include <memory>

namespace rag_chatbot {

/// Keeps replies in Redis for an hour. Without an answer of Redis every reply is made anew: a cache that is
/// down makes the chat slower, and not unavailable.
///
/// Errors   std::runtime_error if Redis is not reached at the start.
[[nodiscard]] std::unique_ptr<answer_cache> open_redis_cache(querytap::recorder& recorder,
                                                             const address& server);

}  // namespace rag_chatbot
