#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

/// A command of Redis as its command line takes it. Command, subcommand and options stay; keys are
/// data as much as what is stored under them, and as many arguments as one likes are one value.
///
/// Source   Redis 7.0, `COMMAND DOCS` and sds.c (sdssplitargs).
[[nodiscard]] statement_identity identify_redis(std::string_view command);

}  // namespace querytap::detail
