// A service outside the tree: includes and links every component of the installed package.

#include <querytap/base/version.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/exporters/prometheus/prometheus_collectable.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/testing/capture.hpp>

int main() {
  querytap::recorder recorder{{.service_name = "consumer"}};
  querytap::scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  querytap::otlp_exporter exporter{recorder, {.endpoint = "http://127.0.0.1:1"}};
  querytap::sqlite::connection db{recorder, ":memory:"};
  db.exec("select 1");
}
