#pragma once

// The sources of querytap::sqlite_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>
#include <querytap/implementation/sqlite.hpp>

#include "../../../src/servers/sqlite/catalog_facts.cpp"
#include "../../../src/servers/sqlite/connection_status.cpp"
#include "../../../src/servers/sqlite/file_session.cpp"
#include "../../../src/servers/sqlite/inspector.cpp"
#include "../../../src/servers/sqlite/lock_holder.cpp"
#include "../../../src/servers/sqlite/object_sizes.cpp"
#include "../../../src/servers/sqlite/plan_rows.cpp"
#include "../../../src/servers/sqlite/session.cpp"
#include "../../../src/servers/sqlite/sqlite_collector.cpp"
#include "../../../src/servers/sqlite/sqlite_fault.cpp"
#include "../../../src/servers/sqlite/sqlite_probe.cpp"
#include "../../../src/servers/sqlite/sqlite_write_probe.cpp"
