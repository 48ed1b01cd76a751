#include <querytap/base/error.hpp>

#include <fmt/format.h>

namespace querytap {

configuration_error::configuration_error(std::string_view option, std::string_view value,
                                         std::string_view reason)
    : std::invalid_argument{fmt::format("querytap: option '{}' = '{}': {}", option, value, reason)},
      option_{option} {}

}  // namespace querytap
