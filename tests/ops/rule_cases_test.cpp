// What promtool says of the rules of examples/ops on numbers whose alerts are known.

#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

using namespace querytap::testing;

TEST_CASE("each alert fires after its time on its fault, and on nothing else") {
  const std::filesystem::path folder{QUERYTAP_SOURCE_DIR "/examples/ops/rules/tests"};
  std::vector<std::string> command{"/usr/bin/promtool", "test", "rules"};
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    command.push_back(entry.path().string());
  }
  REQUIRE(command.size() > 10);
  const finished check = run(command);
  INFO(check.output);
  CHECK(check.exit_code == 0);
}
