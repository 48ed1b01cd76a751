#pragma once

// The sources of querytap::llm: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/http.hpp>

#include "../../../src/decorators/llm/answer_stream.cpp"
#include "../../../src/decorators/llm/client.cpp"
#include "../../../src/decorators/llm/error.cpp"
#include "../../../src/decorators/llm/reply_values.cpp"
#include "../../../src/decorators/llm/request_body.cpp"
