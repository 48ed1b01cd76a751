#include "resource.hpp"

#include "../base/call_guarded.hpp"
#include "../base/text.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/base/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace querytap::detail {
namespace {

constexpr const char* resource_variable = "OTEL_RESOURCE_ATTRIBUTES";

// The attributes of a list; where they cannot be read, `problem` is the reason. It names an entry
// by its position, since what looks like a key may be the rest of a secret value with a comma.
std::optional<attributes> parsed_resource(std::string_view list, std::string& problem) {
  attributes found;
  for (std::size_t place = 1; !list.empty(); ++place) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    if (trimmed(entry).empty()) continue;
    const auto equals = entry.find('=');
    const std::string_view key = trimmed(entry.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      problem = fmt::format("entry {} is not key=value", place);
      return std::nullopt;
    }
    const auto plain_key = percent_decoded(key);
    const auto value = percent_decoded(trimmed(entry.substr(equals + 1)));
    if (!plain_key || !value) {
      problem = fmt::format("entry {} has a '%' without two hexadecimal digits", place);
      return std::nullopt;
    }
    found.set({*plain_key, *value});
  }
  return found;
}

attributes resource_from_environment(const std::function<void(std::string_view)>& warn) {
  std::string problem;
  if (auto found = parsed_resource(environment(resource_variable).value_or(""), problem))
    return *std::move(found);
  warn_or_print(warn, fmt::format("{} is ignored: {}", resource_variable, problem));
  return {};
}

std::string program_name() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).filename().string();
}

}  // namespace

void warn_or_print(const std::function<void(std::string_view)>& warn, std::string_view text) {
  call_guarded([&] {
    if (warn) return warn(text);
    fmt::print(stderr, "querytap: {}\n", text);  // throws where stderr is closed
  });
}

attributes make_resource(std::string_view service_name,
                         const std::function<void(std::string_view)>& warn) {
  attributes resource{{"telemetry.sdk.name", "querytap"},
                      {"telemetry.sdk.language", "cpp"},
                      {"telemetry.sdk.version", version}};
  for (const attribute& item : resource_from_environment(warn)) resource.set(item);
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
