#include <querytap/base/environment.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace querytap {
namespace {

constexpr std::string_view text_of_true = "true";

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool environment_flag(const char* name) {
  const std::string value = environment(name).value_or("");
  return std::equal(
      value.begin(), value.end(), text_of_true.begin(), text_of_true.end(),
      [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

}  // namespace querytap
