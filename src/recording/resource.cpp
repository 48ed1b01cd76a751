#include "resource.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/version.hpp>

#include <charconv>
#include <filesystem>
#include <string>

namespace querytap::detail {
namespace {

constexpr const char* variable = "OTEL_RESOURCE_ATTRIBUTES";

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string{text.substr(begin, text.find_last_not_of(" \t") - begin + 1)};
}

// The variable may hold anything: an error names the entry by its key, never by its value.
std::string percent_decoded(std::string_view text, std::string_view key) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2) {
      throw configuration_error{variable, key, "'%' without two hexadecimal digits"};
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

void add_environment(attributes& to) {
  const std::string list = environment(variable).value_or("");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    if (trimmed(entry).empty()) continue;
    const auto equals = entry.find('=');
    const std::string key = trimmed(entry.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      throw configuration_error{variable, key, "expected key=value,key=value"};
    }
    to.set({percent_decoded(key, key), percent_decoded(trimmed(entry.substr(equals + 1)), key)});
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
