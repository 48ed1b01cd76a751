#pragma once

// The sources of querytap::chroma_server: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/http_probe.hpp>

#include "../../../src/servers/chroma/chroma_collector.cpp"
#include "../../../src/servers/chroma/chroma_probe.cpp"
#include "../../../src/servers/chroma/chroma_search_probe.cpp"
#include "../../../src/servers/chroma/chroma_session.cpp"
#include "../../../src/servers/chroma/remembered_vectors.cpp"
