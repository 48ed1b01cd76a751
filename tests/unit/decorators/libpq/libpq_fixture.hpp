#pragma once

#include "libpq_client.hpp"

#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {

struct libpq_fixture {
  capture telemetry;
  postgres_server& server = postgres_server::shared();
  libpq::connection db =
      libpq::PQconnectdb(telemetry.recorder(), server.connection_string().c_str());

  /// Which operations there were, how they ended and how often; the manual clock does not advance.
  std::string calls() { return lines_up_to(" sum=", metric("db.client.operation.duration")); }
  std::string rows() { return metric("db.client.response.returned_rows"); }
  std::string phases() {
    return without(
        without(telemetry.text("querytap.operation.phase.duration"), "db.system.name=postgresql "),
        "querytap.phase=");
  }

  /// Its status, SQLSTATE or rows; what a caller of libpq sees.
  static std::string seen(PGresult* taken) {
    const libpq_result result{taken};
    if (result == nullptr) return "NULL";
    std::string text = PQresStatus(PQresultStatus(taken));
    if (const char* const code = PQresultErrorField(taken, PG_DIAG_SQLSTATE)) {
      text += ' ' + std::string{code};
    }
    if (PQntuples(taken) > 0) text += ' ' + std::to_string(PQntuples(taken));
    return text;
  }
  std::string exec(const std::string& sql) { return seen(PQexec(db, sql.c_str())); }

 private:
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.namespace=postgres ");
    text = without(text, "db.system.name=postgresql ");
    text = without(text, "db.query.summary=");
    text = without(text, "server.address=127.0.0.1 ");
    return without(text, "server.port=" + std::to_string(server.port()) + ' ');
  }
};

}  // namespace querytap::testing
