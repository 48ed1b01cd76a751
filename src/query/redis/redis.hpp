#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

/// The identity of a Redis command, given as its command line takes it. Command, subcommand and
/// options stay; keys are data as much as the values stored under them, and any number of values in
/// a row is one value. PIPELINE or MULTI before a command is how the decorator names several of them.
///
/// Source   Redis 7.0, `COMMAND DOCS` and sds.c (sdssplitargs).
[[nodiscard]] statement_identity identify_redis(std::string_view command);

}  // namespace querytap::detail
