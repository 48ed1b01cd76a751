// `examples/quickstart.sh --once` works on both backends and reports what a newcomer wants to see.

#include <support/child_process.hpp>
#include <support/matches.hpp>

#include <catch2/catch.hpp>

#include <regex>
#include <string>

using namespace querytap::testing;

namespace {

std::string report_of(const std::string& backend) {
  const finished quickstart =
      run({QUERYTAP_SOURCE_DIR "/examples/quickstart.sh", "--once", "--backend", backend, "--build",
           QUERYTAP_BINARY_DIR, "--", "--load-seconds", "3", "--listen", "127.0.0.1:0", "--metrics",
           "127.0.0.1:0"});
  INFO(quickstart.output);
  REQUIRE(quickstart.exit_code == 0);
  return quickstart.output;
}

void check_report(const std::string& report) {
  INFO(report);
  CHECK(matches(report, "statements by total time"));
  CHECK(matches(report, "(SELECT|select)[^\n]*passages[^\n]* [0-9]+"));
  CHECK(matches(report, "\nhealth\n"));
  CHECK(matches(report, "\n  pool +pass "));
  CHECK(matches(report, "max [0-9]+ +used 0 +idle [1-9]"));
  CHECK(matches(report, "in the service +count [1-9][0-9]* +p50 [^\n]*p99 [^\n]*errors 0"));
  CHECK(matches(report, "records x [0-9.]+ ns = "));

  std::smatch found;
  REQUIRE(std::regex_search(report, found,
                            std::regex{"right page among the first five: ([0-9]+) of ([0-9]+)"}));
  const double asked = std::stod(found[2]);
  CHECK(asked > 50);
  CHECK(std::stod(found[1]) / asked > 0.5);
}

}  // namespace

TEST_CASE("the quickstart reports on SQLite") { check_report(report_of("sqlite")); }

TEST_CASE("the quickstart reports on PostgreSQL, and what the server saw of the same statements") {
  const std::string report = report_of("postgres");
  check_report(report);
  INFO(report);
  CHECK(matches(report, "the same at the servers, since the first look"));
  CHECK(matches(report,
                "select passages to_tsquery +([0-9,]+) +\\1 +[0-9.]+ [mµn]s +[0-9.]+ [mµn]s"));
  CHECK(matches(report, "\n  postgres +pass "));
}

TEST_CASE("the quickstart refuses what it does not know, and a corpus without documents") {
  const auto exit_code = [](const std::vector<std::string>& arguments) {
    std::vector<std::string> command{QUERYTAP_SOURCE_DIR "/examples/quickstart.sh", "--build",
                                     QUERYTAP_BINARY_DIR};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command).exit_code;
  };
  CHECK(exit_code({"--backend", "oracle"}) == 2);
  CHECK(exit_code({"--build", "/nowhere"}) == 2);
  CHECK(exit_code({"--nonsense"}) == 2);
  const temporary_folder empty;
  CHECK(exit_code({"--once", "--corpus", empty.path().string()}) == 2);
}
