#pragma once

#include "session_state.hpp"

#include <querytap/calls/operation.hpp>
#include <querytap/decorators/redis/async.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace querytap::redis::detail {

class async_session;

/// What hiredis hands back with a reply: whose it is, and since when it has been waited for.
struct async_call {
  std::optional<operation> timing;
  const statement* identity = nullptr;  // as long as the operation lasts
  code_location site;
  noted_command noted;
  reply_callback* function = nullptr;
  void* privdata = nullptr;
  std::uint32_t channels = 0;              // for which hiredis will call it
  bool is_over = false;                    // but hiredis may call it again
  std::shared_ptr<async_session> session;  // while it is under way
  std::list<async_call>::iterator place;   // in the session
};

}  // namespace querytap::redis::detail
