#include <rag_chatbot/backends/redis_cache.hpp>

#include <stdexcept>

// Compiled in place of redis_cache.cpp where its library is not installed.
namespace rag_chatbot {

std::unique_ptr<answer_cache> open_redis_cache(querytap::recorder&, const address&) {
  throw std::runtime_error{"built without Redis: install libhiredis-dev and build again"};
}

}  // namespace rag_chatbot
