// A service outside the tree: includes and links every component of the installed package.

#include <querytap/base/version.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/exporters/prometheus/prometheus_collectable.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/testing/capture.hpp>

#ifdef PLUGIN_FILE
#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

/// How many calls the ledger of a request has, of those that a plugin made.
std::uint64_t calls_of_plugin() {
  querytap::recorder recorder{{.service_name = "host",
                               .slow_request = std::chrono::nanoseconds{0},
                               .warn = [](std::string_view text) {
                                 std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()),
                                              text.data());
                                 std::exit(1);
                               }}};
  void* plugin = dlopen(PLUGIN_FILE, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) return 0;
  const auto call =
      reinterpret_cast<void (*)(querytap::recorder*)>(dlsym(plugin, "call_from_plugin"));
  {
    querytap::request request{recorder, "POST /chat"};
    call(&recorder);
  }
  const auto requests = recorder.collect().requests;
  return requests.empty() ? 0 : requests[0]->statements.at(0).calls;
}

}  // namespace
#endif

int main() {
#ifdef PLUGIN_FILE
  if (calls_of_plugin() != 7) return 1;
#endif
  querytap::recorder recorder{{.service_name = "consumer"}};
  querytap::scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  querytap::otlp_exporter exporter{recorder, {.endpoint = "http://127.0.0.1:1"}};
  querytap::sqlite::connection db{recorder, ":memory:"};
  db.exec("select 1");
}
