#pragma once

#include <cstdint>
#include <string_view>

namespace querytap {

/// Whose conventions name the calls of a backend: OpenTelemetry has one set for databases and vector
/// stores, one for models, one for HTTP. All of them are operations alike, with the same phases,
/// reports, findings and ledgers.
enum class backend_kind : std::uint8_t {
  database,   ///< `db.client.operation.duration`
  model,      ///< `gen_ai.client.operation.duration`; a statement is `chat gpt-4o`
  http,       ///< `http.client.request.duration`; a statement is `GET /users/{id}`
  component,  ///< `querytap.component.duration`, of our own: see calls/component.hpp
};

[[nodiscard]] constexpr std::string_view to_string(backend_kind kind) noexcept {
  switch (kind) {
    case backend_kind::database: return "database";
    case backend_kind::model: return "model";
    case backend_kind::http: return "http";
    case backend_kind::component: break;
  }
  return "component";
}

}  // namespace querytap
