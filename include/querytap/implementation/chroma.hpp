#pragma once

// The sources of querytap::chroma: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/http.hpp>

#include "../../../src/decorators/chroma/checks.cpp"
#include "../../../src/decorators/chroma/client.cpp"
#include "../../../src/decorators/chroma/client_state.cpp"
#include "../../../src/decorators/chroma/collection.cpp"
#include "../../../src/decorators/chroma/collection_calls.cpp"
#include "../../../src/decorators/chroma/replies.cpp"
#include "../../../src/decorators/chroma/request_text.cpp"
