#pragma once

// The sources of querytap::redis: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/redis/async.cpp"
#include "../../../src/decorators/redis/async_session.cpp"
#include "../../../src/decorators/redis/calls.cpp"
#include "../../../src/decorators/redis/channels.cpp"
#include "../../../src/decorators/redis/connection.cpp"
#include "../../../src/decorators/redis/queued_commands.cpp"
#include "../../../src/decorators/redis/redis_failure.cpp"
#include "../../../src/decorators/redis/redis_findings.cpp"
#include "../../../src/decorators/redis/reply_contents.cpp"
#include "../../../src/decorators/redis/sent_command.cpp"
#include "../../../src/decorators/redis/session.cpp"
#include "../../../src/decorators/redis/session_state.cpp"
