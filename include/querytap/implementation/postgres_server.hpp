#pragma once

// The sources of querytap::postgres_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/postgres/address.cpp"
#include "../../../src/servers/postgres/catalog_facts.cpp"
#include "../../../src/servers/postgres/database_objects.cpp"
#include "../../../src/servers/postgres/failed_answer.cpp"
#include "../../../src/servers/postgres/inspector.cpp"
#include "../../../src/servers/postgres/named_rows.cpp"
#include "../../../src/servers/postgres/parameter_types.cpp"
#include "../../../src/servers/postgres/plan_json.cpp"
#include "../../../src/servers/postgres/postgres_collector.cpp"
#include "../../../src/servers/postgres/postgres_probe.cpp"
#include "../../../src/servers/postgres/postgres_write_probe.cpp"
#include "../../../src/servers/postgres/section_numbers.cpp"
#include "../../../src/servers/postgres/server_sections.cpp"
#include "../../../src/servers/postgres/server_statements.cpp"
#include "../../../src/servers/postgres/session.cpp"
#include "../../../src/servers/postgres/vitals.cpp"
#include "../../../src/servers/postgres/vitals_judged.cpp"
#include "../../../src/servers/postgres/waits.cpp"
