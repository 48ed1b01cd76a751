#pragma once

// The sources of querytap::redis_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/redis/redis_collector.cpp"
#include "../../../src/servers/redis/redis_info.cpp"
#include "../../../src/servers/redis/redis_judgement.cpp"
#include "../../../src/servers/redis/redis_probe.cpp"
#include "../../../src/servers/redis/redis_session.cpp"
#include "../../../src/servers/redis/redis_slow_commands.cpp"
#include "../../../src/servers/redis/redis_statements.cpp"
#include "../../../src/servers/redis/redis_write_probe.cpp"
