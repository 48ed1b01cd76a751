#pragma once

// The sources of querytap::mysql_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/mysql/mysql_collector.cpp"
#include "../../../src/servers/mysql/mysql_digest_text.cpp"
#include "../../../src/servers/mysql/mysql_digests.cpp"
#include "../../../src/servers/mysql/mysql_facts.cpp"
#include "../../../src/servers/mysql/mysql_inspector.cpp"
#include "../../../src/servers/mysql/mysql_judgement.cpp"
#include "../../../src/servers/mysql/mysql_plan_json.cpp"
#include "../../../src/servers/mysql/mysql_probe.cpp"
#include "../../../src/servers/mysql/mysql_session.cpp"
#include "../../../src/servers/mysql/mysql_state.cpp"
#include "../../../src/servers/mysql/mysql_waits.cpp"
#include "../../../src/servers/mysql/mysql_write_probe.cpp"
