#pragma once

#include <querytap/base/attribute.hpp>

#include <string_view>

namespace querytap::detail {

/// The labels of the metrics of retrieval, without those that are empty.
[[nodiscard]] inline attributes labels_of_source(std::string_view system,
                                                 std::string_view collection,
                                                 std::string_view strategy) {
  attributes labels;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) labels.set({key, value});
  };
  add("db.system.name", system);
  add("db.collection.name", collection);
  add("querytap.strategy", strategy);
  return labels;
}

}  // namespace querytap::detail
