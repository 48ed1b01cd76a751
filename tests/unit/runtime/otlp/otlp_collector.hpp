#pragma once

#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <support/fault_server.hpp>
#include <support/otlp_decoder.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

/// What tests of the exporter ask of a collector.
namespace querytap::testing {

/// Metrics leave when a test says so.
[[nodiscard]] inline otlp_exporter_options to(const fault_server& collector) {
  return {.endpoint = collector.url(),
          .interval = std::chrono::hours{1},
          .warn = [](std::string_view) {}};
}

/// `/v1/logs=1 /v1/metrics=1 `
[[nodiscard]] inline std::string count_by_path(const std::vector<received_request>& requests) {
  std::map<std::string, int> counts;
  for (const received_request& one : requests) ++counts[one.path];
  std::string result;
  for (const auto& [path, count] : counts) result += path + '=' + std::to_string(count) + ' ';
  return result;
}

/// All values of `service.instance.id` that were told.
[[nodiscard]] inline std::set<std::string> instances(
    const std::vector<received_request>& requests) {
  std::set<std::string> ids;
  for (const received_request& one : requests) {
    if (one.path != "/v1/metrics") continue;
    const std::string text = read_by_protoc(otlp_signal::metrics, one.body);
    const auto key = text.find("service.instance.id");
    REQUIRE(key != std::string::npos);
    const auto begin = text.find("string_value: \"", key) + 15;
    ids.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  return ids;
}

}  // namespace querytap::testing
