#include "valid_pool_options.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace querytap::detail {
namespace {

// Far beyond any server's connection limit, and below what a negative number turns into.
constexpr std::size_t most_objects = 65536;

template <class Value>
void refuse_pool_option(std::string_view pool, std::string_view option, const Value& value,
                        std::string_view reason) {
  throw configuration_error{option, fmt::format("{}", value),
                            fmt::format("pool '{}': {}", pool, reason)};
}

}  // namespace

void check_pool_limits(std::string_view pool, std::size_t minimum, std::size_t maximum) {
  if (maximum == 0 || maximum > most_objects) {
    refuse_pool_option(pool, "maximum", maximum, fmt::format("expected 1 to {}", most_objects));
  }
  if (minimum > maximum) {
    refuse_pool_option(pool, "minimum", minimum,
                       fmt::format("expected no more than the maximum of {}", maximum));
  }
}

pool_options valid_pool_options(pool_options options) {
  if (options.name.empty()) throw configuration_error{"name", "", "a pool needs a name"};
  check_pool_limits(options.name, options.minimum, options.maximum);
  const auto check = [&](std::string_view option, std::chrono::milliseconds value) {
    if (value >= std::chrono::milliseconds::zero()) return;
    refuse_pool_option(options.name, option, fmt::format("{} ms", value.count()),
                       "expected no less than 0 ms");
  };
  check("acquisition_timeout", options.acquisition_timeout);
  check("held_after", options.held_after);
  check("idle_timeout", options.idle_timeout);
  check("longest_life", options.longest_life);
  check("validate_after", options.validate_after);
  if (options.concurrent_connects == 0) {
    refuse_pool_option(options.name, "concurrent_connects", options.concurrent_connects,
                       "expected 1 or more");
  }
  return options;
}

}  // namespace querytap::detail
