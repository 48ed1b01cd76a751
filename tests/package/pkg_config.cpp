// A program that knows nothing of CMake, has no RTTI, and may be compiled by another compiler than the library.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/runtime/watch/query_watch.hpp>

#include <cstdio>

namespace {

struct counts final : querytap::report_listener {
  void report(const querytap::call_report& call) override {
    // A line of this file: not one of the library, and not none.
    if (call.site.file.ends_with("pkg_config.cpp") && call.site.line != 0) ++calls;
  }
  using report_listener::report;
  int calls = 0;
};

}  // namespace

int main() {
  querytap::recorder recorder{{.service_name = "consumer"}};
  const auto seen = std::make_shared<counts>();
  querytap::query_watch watch{recorder, {.listeners = {seen}}};
  querytap::otlp_exporter exporter{
      recorder, {.endpoint = "http://127.0.0.1:1", .warn = [](std::string_view) {}}};
  querytap::sqlite::connection db{
      recorder, ":memory:", {.slow_threshold = std::chrono::nanoseconds{1}}};
  querytap::request request{recorder, "POST /chat"};
  db.exec("select 1");
  watch.look();
  if (seen->calls == 1) return 0;
  std::fprintf(stderr, "%d calls were reported with their line, instead of 1\n", seen->calls);
  return 1;
}
