#pragma once

#include "watcher.hpp"

#include <mongoc/mongoc.h>

namespace querytap::mongodb::detail {

/// Makes libmongoc tell the watcher of its commands and servers. False if it refuses.
[[nodiscard]] bool install(watcher& watcher, mongoc_client_t* client) noexcept;
[[nodiscard]] bool install(watcher& watcher, mongoc_client_pool_t* pool) noexcept;

}  // namespace querytap::mongodb::detail
