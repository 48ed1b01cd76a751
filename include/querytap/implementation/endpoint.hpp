#pragma once

// The sources of querytap::endpoint: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/background.hpp>
#include <querytap/implementation/pages.hpp>

#include "../../../src/runtime/endpoint/access_rules.cpp"
#include "../../../src/runtime/endpoint/event_streams.cpp"
#include "../../../src/runtime/endpoint/host_names.cpp"
#include "../../../src/runtime/endpoint/http_daemon.cpp"
#include "../../../src/runtime/endpoint/listen_address.cpp"
#include "../../../src/runtime/endpoint/scrape_endpoint.cpp"
