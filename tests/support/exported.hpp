#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>
#include <vector>

namespace querytap::testing {

/// All that a snapshot tells in words: attributes, texts and summaries of statements.
[[nodiscard]] inline std::vector<std::string> exported_texts(const snapshot& from) {
  std::vector<std::string> texts;
  for (const auto& metric : from.metrics) {
    for (const point& p : metric->points) {
      std::string& exported = texts.emplace_back(to_string(p.series->labels));
      if (p.statement) exported += p.statement->text + p.statement->summary;
    }
  }
  return texts;
}

}  // namespace querytap::testing
