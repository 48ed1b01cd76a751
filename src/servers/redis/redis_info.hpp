#pragma once

#include "../../base/numbers.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {

/// The answer to INFO: lines of `field:value`.
class redis_info {
 public:
  using field = std::pair<std::string, std::string>;

  explicit redis_info(std::string_view answer);

  /// Whether it is the answer of a Redis at all.
  [[nodiscard]] bool is_of_redis() const { return !text("role").empty(); }
  /// Empty if there is no such field.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  template <class Number>
  [[nodiscard]] std::optional<Number> number(std::string_view name) const {
    return whole_number<Number>(text(name));
  }
  /// Every field whose name begins so, with what follows in its name: `get` of `cmdstat_get`.
  [[nodiscard]] std::vector<field> beginning_with(std::string_view prefix) const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

/// `calls` of `calls=3,usec=40`; empty if it is not there.
[[nodiscard]] std::string_view part_of_field(std::string_view value, std::string_view name);

/// 0 if it is not there.
template <class Number>
[[nodiscard]] Number number_in_field(std::string_view value, std::string_view name) {
  return whole_number<Number>(part_of_field(value, name)).value_or(Number{});
}

}  // namespace querytap::detail
