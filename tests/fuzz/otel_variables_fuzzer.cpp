// OTEL_* variables of any content give an exporter valid settings, without a second header in one,
// and without a secret in a warning.

#include <runtime/otlp/otlp_settings.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

using namespace querytap;
using namespace querytap::detail;

namespace {

/// Lines of `NAME=value`, where a name is given without `OTEL_`.
std::map<std::string, std::string> parse(std::string_view input) {
  std::map<std::string, std::string> variables;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals == line.npos) continue;
    variables["OTEL_" + std::string{line.substr(0, equals)}] = line.substr(equals + 1);
  }
  return variables;
}

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", promise);
  std::abort();
}

void check(const otlp_route& route) {
  const std::string& url = route.target.url;
  expect(url.starts_with("http://") || url.starts_with("https://"), "a URL of HTTP");
  expect(route.timeout.count() >= 0, "a timeout that is none or above");
  expect(route.queue >= 1 && route.batch >= 1 && route.batch <= route.queue, "a batch that fits");
  for (const std::string& header : route.target.headers) {
    expect(header.find_first_of("\r\n") == header.npos && header.find('\0') == header.npos,
           "one header in a line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto variables = parse({reinterpret_cast<const char*>(data), size});
  std::map<std::string, int> warnings;
  const otlp_settings settings = otlp_settings_of(
      {},
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
      },
      [&](std::string_view text) { ++warnings[std::string{text}]; });
  for (const otlp_route& route : settings.routes) check(route);
  expect(settings.interval.count() >= 1, "an interval");
  for (const auto& [text, count] : warnings) {
    expect(count == 1, "each warning once");
    const std::string name = text.substr(0, text.find_first_of("= "));
    const bool may_be_secret = name.ends_with("HEADERS") || name.ends_with("ENDPOINT");
    expect(!may_be_secret || text.find('=') > text.find(" is ignored"), "no secret in a warning");
    expect(std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7F; }),
           "a warning in one line");
  }
  return 0;
}
