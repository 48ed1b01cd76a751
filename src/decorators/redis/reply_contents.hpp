#pragma once

#include <querytap/decorators/redis/detail/hiredis_version.hpp>

#include <cstdint>

namespace querytap::redis::detail {

/// What a reply brought: values that are there count as rows, nil as none.
struct reply_contents {
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  bool has_rows = false;
};

/// Of a list or a map: goes through all of it.
[[nodiscard]] reply_contents contents_of_list(const redisReply& reply) noexcept;

[[nodiscard]] inline reply_contents contents_of(const redisReply& reply) noexcept {
  switch (form_of(reply)) {
    case reply_form::none: return {.has_rows = true};
    case reply_form::text: return {.bytes = reply.len, .rows = 1, .has_rows = true};
    case reply_form::list:
    case reply_form::map: return contents_of_list(reply);
    default: return {};
  }
}

}  // namespace querytap::redis::detail
