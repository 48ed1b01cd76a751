#pragma once

#include <querytap/base/attribute.hpp>

#include <algorithm>

namespace querytap::detail {

/// True if the labels have all that are wanted; one that is wanted to be an empty text must not be there.
[[nodiscard]] inline bool has_labels(const attributes& labels, const attributes& wanted) {
  return std::ranges::all_of(wanted, [&](const attribute& item) {
    const attribute_value* const value = labels.find(item.key);
    if (value != nullptr) return *value == item.value;
    return item.value == attribute_value{std::string{}};
  });
}

}  // namespace querytap::detail
