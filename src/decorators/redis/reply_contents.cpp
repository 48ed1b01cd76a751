#include "reply_contents.hpp"

namespace querytap::redis::detail {
namespace {

// hiredis below 1.0 allows seven levels. What a hostile server nests deeper is not counted.
constexpr int deepest = 9;

std::uint64_t bytes_of(const redisReply& reply, int depth) noexcept {
  if (depth > deepest) return 0;
  if (reply.element == nullptr) return reply.str == nullptr ? 0 : reply.len;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < reply.elements; ++i) {
    if (reply.element[i] != nullptr) sum += bytes_of(*reply.element[i], depth + 1);
  }
  return sum;
}

}  // namespace

reply_contents contents_of_list(const redisReply& reply) noexcept {
  reply_contents contents{.has_rows = true};
  if (reply.element == nullptr) return contents;
  contents.bytes = bytes_of(reply, 0);
  if (form_of(reply) == reply_form::map) {
    contents.rows = reply.elements / 2;
    return contents;
  }
  for (std::size_t i = 0; i < reply.elements; ++i) {
    if (reply.element[i] != nullptr && reply.element[i]->type != REDIS_REPLY_NIL) ++contents.rows;
  }
  return contents;
}

}  // namespace querytap::redis::detail
