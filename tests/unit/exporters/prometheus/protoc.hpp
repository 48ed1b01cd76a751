#pragma once

#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace querytap::testing {

/// A family as protoc decodes it, from Prometheus' own description alone.
[[nodiscard]] inline std::string decoded_by_protoc(const std::string& family) {
  const std::string description = "/usr/share/gocode/src/github.com/prometheus/client_model";
  const std::string file = description + "/io/prometheus/client/metrics.proto";
  if (!std::filesystem::exists("/usr/bin/protoc") || !std::filesystem::exists(file)) {
    FAIL(
        "missing: apt-get install protobuf-compiler libprotobuf-dev "
        "golang-github-prometheus-client-model-dev");
  }
  const temporary_folder folder;
  const std::string message = folder.path() / "message";
  std::ofstream{message, std::ios::binary} << family;
  const finished result =
      run({"/bin/sh", "-c",
           "exec protoc --decode=io.prometheus.client.MetricFamily -I\"$1\" -I/usr/include \"$2\" "
           "< \"$3\"",
           "sh", description, file, message});
  CAPTURE(result.output);
  REQUIRE(result.exit_code == 0);
  return result.output;
}

}  // namespace querytap::testing
