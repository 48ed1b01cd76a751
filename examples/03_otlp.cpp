// Send metrics to an OpenTelemetry collector, and log records and spans with them.
//
//     $ OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 build/examples/03_otlp
//     everything arrived

// [readme]
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <cstdio>

int main() {
  querytap::recorder recorder{{.service_name = "chatbot"}};
  querytap::otlp_exporter exporter{recorder};  // to OTEL_EXPORTER_OTLP_ENDPOINT
  querytap::sqlite::connection db{recorder, ":memory:"};
  db.exec("create table documents(id integer primary key, body text)");
  exporter.send(querytap::log_record{.event_name = "chatbot.started", .body = "no documents yet"});

  if (exporter.shutdown(std::chrono::seconds{5})) std::puts("everything arrived");
  for (const auto& [reason, records] : exporter.dropped()) {
    std::printf("%llu did not arrive: %s\n", static_cast<unsigned long long>(records),
                reason.c_str());
  }
}
// [/readme]
