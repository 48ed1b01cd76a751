#pragma once

#include <querytap/runtime/pages/pages.hpp>

#include <string_view>

namespace querytap::detail {

/// `/livez` and `/readyz`, whatever the query: open to everybody, since orchestrators send no credentials.
[[nodiscard]] bool is_open_to_all(std::string_view target);

/// What health objects found last: nothing is asked and nothing collected. For requests that are not trusted `/livez` and
/// `/readyz` say `ok` or `not ok`, and nothing else; `/health` is not for those.
void render_health(recorder& telemetry, std::string_view path, std::string_view query,
                   bool is_trusted, page_response& response);

}  // namespace querytap::detail
