#pragma once

// The sources of querytap::http_probe: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/http.hpp>
#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/http/asking_transport.cpp"
#include "../../../src/servers/http/http_probe.cpp"
#include "../../../src/servers/http/model_probe.cpp"
