#pragma once

// The sources of querytap::http: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/http/client.cpp"
#include "../../../src/decorators/http/curl_parts.cpp"
#include "../../../src/decorators/http/curl_result.cpp"
#include "../../../src/decorators/http/header_list.cpp"
#include "../../../src/decorators/http/http_connection.cpp"
#include "../../../src/decorators/http/observation.cpp"
#include "../../../src/decorators/http/reply_reader.cpp"
#include "../../../src/decorators/http/request_headers.cpp"
#include "../../../src/decorators/http/response.cpp"
#include "../../../src/decorators/http/retry_policy.cpp"
#include "../../../src/decorators/http/transport.cpp"
#include "../../../src/decorators/http/url_text.cpp"
