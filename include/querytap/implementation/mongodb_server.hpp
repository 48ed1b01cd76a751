#pragma once

// The sources of querytap::mongodb_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/mongodb/mongodb_collections.cpp"
#include "../../../src/servers/mongodb/mongodb_collector.cpp"
#include "../../../src/servers/mongodb/mongodb_document.cpp"
#include "../../../src/servers/mongodb/mongodb_judgement.cpp"
#include "../../../src/servers/mongodb/mongodb_probe.cpp"
#include "../../../src/servers/mongodb/mongodb_session.cpp"
#include "../../../src/servers/mongodb/mongodb_shapes.cpp"
#include "../../../src/servers/mongodb/mongodb_write_probe.cpp"
