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

/// What tests of the exporter share.
namespace querytap::testing {

/// Of an exporter that sends metrics only when a test flushes it.
[[nodiscard]] inline otlp_exporter_options options_for(const fault_server& collector) {
  return {.endpoint = collector.url(),
          .interval = std::chrono::hours{1},
          .warn = [](std::string_view) {}};
}

/// `/v1/logs=1 /v1/metrics=1 `
[[nodiscard]] inline std::string count_by_path(const std::vector<received_request>& requests) {
  std::map<std::string, int> counts;
  for (const received_request& request : requests) ++counts[request.path];
  std::string result;
  for (const auto& [path, count] : counts) result += path + '=' + std::to_string(count) + ' ';
  return result;
}

/// All values of `service.instance.id` that were received.
[[nodiscard]] inline std::set<std::string> instances(
    const std::vector<received_request>& requests) {
  std::set<std::string> ids;
  for (const received_request& request : requests) {
    if (request.path != "/v1/metrics") continue;
    const std::string text = read_by_protoc(otlp_signal::metrics, request.body);
    const auto key = text.find("service.instance.id");
    REQUIRE(key != std::string::npos);
    const auto begin = text.find("string_value: \"", key) + 15;
    ids.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  return ids;
}

}  // namespace querytap::testing
