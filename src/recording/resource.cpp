#include "resource.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/text.hpp>
#include <querytap/base/version.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace querytap::detail {
namespace {

constexpr const char* variable = "OTEL_RESOURCE_ATTRIBUTES";

// The variable may hold anything: an error names the entry by its key, never by its value.
std::string decoded(std::string_view text, std::string_view key) {
  if (auto plain = percent_decoded(text)) return *std::move(plain);
  throw configuration_error{variable, key, "'%' without two hexadecimal digits"};
}

void add_environment(attributes& to) {
  const std::string list = environment(variable).value_or("");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    if (trimmed(entry).empty()) continue;
    const auto equals = entry.find('=');
    const std::string key{trimmed(entry.substr(0, equals))};
    if (equals == std::string_view::npos || key.empty()) {
      throw configuration_error{variable, key, "expected key=value,key=value"};
    }
    to.set({decoded(key, key), decoded(trimmed(entry.substr(equals + 1)), key)});
  }
}

std::string program_name() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).filename().string();
}

}  // namespace

attributes resource_of(std::string_view service_name) {
  attributes resource{{"telemetry.sdk.name", "querytap"},
                      {"telemetry.sdk.language", "cpp"},
                      {"telemetry.sdk.version", version}};
  add_environment(resource);
  if (!service_name.empty()) {
    resource.set({"service.name", service_name});
  } else if (const auto name = environment("OTEL_SERVICE_NAME")) {
    resource.set({"service.name", *name});
  } else if (resource.find("service.name") == nullptr) {
    const std::string program = program_name();
    resource.set(
        {"service.name", program.empty() ? "unknown_service" : "unknown_service:" + program});
  }
  return resource;
}

}  // namespace querytap::detail
