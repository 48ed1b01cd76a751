// Any text is read as prices, or refused with its name and a line; costs are never below 0.

#include <querytap/base/error.hpp>
#include <querytap/runtime/prices/price_file.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace querytap;

namespace {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", promise);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  try {
    const price_table prices = parse_prices(text, "fuzzed");
    const call_cost cost = prices.cost_of(
        {.model = "m", .usage = {.input = 300'000, .output = 7, .cached = 5, .reasoning = 2}});
    expect(cost.amount.nanodollars >= 0, "a cost is not below 0");
  } catch (const configuration_error& error) {
    const std::string_view seen{error.what()};
    // A model's name is all that the table itself refuses.
    expect(seen.find("fuzzed, line ") != seen.npos, "an error has its place");
  }
  return 0;
}
