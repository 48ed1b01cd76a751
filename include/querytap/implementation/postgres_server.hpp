#pragma once

// The sources of querytap::postgres_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/postgres/address.cpp"
#include "../../../src/servers/postgres/catalog_facts.cpp"
#include "../../../src/servers/postgres/inspector.cpp"
#include "../../../src/servers/postgres/parameter_types.cpp"
#include "../../../src/servers/postgres/plan_json.cpp"
#include "../../../src/servers/postgres/session.cpp"
#include "../../../src/servers/postgres/waits.cpp"
