// Prometheus' own tool accepts the text of every instrument of the catalog, and finds nothing to
// improve that OpenTelemetry does not ask for.

#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <support/child_process.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

constexpr int command_not_found = 127;
constexpr int only_style = 3;  // promtool read everything and has advice

/// What promtool says of a text, and how it ended.
finished check_metrics(const std::string& text) {
  const temporary_folder folder;
  const std::string file = folder.path() / "metrics";
  std::ofstream{file, std::ios::binary} << text;
  finished result = run({"/bin/sh", "-c", "exec promtool check metrics < \"$1\"", "sh", file});
  if (result.exit_code == command_not_found) {
    FAIL("promtool is missing: apt-get install prometheus");
  }
  return result;
}

}  // namespace

TEST_CASE("promtool accepts every instrument of the catalog", "[promtool]") {
  const finished result = check_metrics(prometheus_text{}.render(every_instrument("chatbot")));
  CHECK(result.output ==
        "db_client_connection_count non-histogram and non-summary metrics should not have "
        "\"_count\" suffix\n");
  CHECK(result.exit_code == only_style);
}

TEST_CASE("promtool is really run: it refuses a wrong text", "[promtool]") {
  CHECK(check_metrics("a{b=\"c} 1\n").exit_code == 1);
}
