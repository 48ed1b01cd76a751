#include "measured.hpp"

namespace querytap::detail {

health_measurement measured(std::string_view name, double value, std::string_view unit,
                            const health_limits& limits, std::string_view sentence,
                            std::string_view advice) {
  health_measurement result{.name = std::string{name}, .value = value, .unit = std::string{unit}};
  result.limit = limits.warn.has_value() ? limits.warn : limits.fail;
  if (limits.fail.has_value() && value >= *limits.fail) {
    result.status = health_status::fail;
    result.limit = limits.fail;
  } else if (limits.warn.has_value() && value >= *limits.warn) {
    result.status = health_status::warn;
  }
  if (result.status == health_status::pass) return result;
  result.reason = sentence;
  result.advice = advice;
  return result;
}

health_measurement verified(std::string_view name, bool is_well, health_status otherwise,
                            std::string_view sentence, std::string_view advice) {
  if (is_well) return {.name = std::string{name}};
  return {.name = std::string{name},
          .status = otherwise,
          .reason = std::string{sentence},
          .advice = std::string{advice}};
}

}  // namespace querytap::detail
