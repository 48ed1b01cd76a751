#pragma once

#include "mongodb_document.hpp"

#include <querytap/servers/mongodb/mongodb_probe.hpp>

#include <cstdint>
#include <optional>

namespace querytap::detail {

/// The answers to hello, serverStatus and replSetGetStatus; nothing where the user lacks the right, or where
/// there is no replica set.
struct mongodb_look {
  mongodb_document hello;
  std::optional<mongodb_document> status;
  std::optional<mongodb_document> replica_set;
};

/// How many milliseconds the member is behind its primary; nothing if either is not known.
[[nodiscard]] std::optional<std::int64_t> milliseconds_behind_primary(
    const mongodb_document& replica_set);

/// What was seen means for those who need the server.
[[nodiscard]] health_answer judge_mongodb(const mongodb_look& look,
                                          const mongodb_probe_options& options);

}  // namespace querytap::detail
