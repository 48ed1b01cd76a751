#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap {

/// An option, environment variable or file that came from outside is not usable.
///
///     throw configuration_error{"listen", "nowhere", "expected HOST:PORT"};
///     // querytap: option 'listen' = 'nowhere': expected HOST:PORT
///
/// Errors   thrown at construction, or where a setting is changed, never by a call that records. `value` is shown as given:
///          options that carry a secret pass a redacted one.
class configuration_error : public std::invalid_argument {
 public:
  configuration_error(std::string_view option, std::string_view value, std::string_view reason);

  [[nodiscard]] const std::string& option() const noexcept { return option_; }

 private:
  std::string option_;
};

}  // namespace querytap
