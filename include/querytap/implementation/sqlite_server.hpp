#pragma once

// The sources of querytap::sqlite_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>
#include <querytap/implementation/sqlite.hpp>

#include "../../../src/servers/sqlite/catalog_facts.cpp"
#include "../../../src/servers/sqlite/inspector.cpp"
#include "../../../src/servers/sqlite/plan_rows.cpp"
#include "../../../src/servers/sqlite/session.cpp"
