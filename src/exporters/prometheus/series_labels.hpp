#pragma once

#include "distinct_texts.hpp"

#include <querytap/base/attribute.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

using label_list = std::vector<std::pair<std::string, std::string>>;

/// The labels of a series, as long as this object lives its own alone.
struct series_labels {
  label_list labels = {};
  bool is_renamed =
      false;  ///< with a further label, or with fewer labels than there are attributes
  distinct_texts::holder holder = {};
};

/// Gives each series of a family labels of its own. Attributes that differ may be the same as
/// labels: 1 and "1", bytes that are no UTF-8, no attribute and an empty one. A reader would drop
/// all but one such series, and their sum would fall when one of them is retired: all but the first
/// get the label `querytap_duplicate`.
///
/// Threads  one at a time.
class label_sets {
 public:
  [[nodiscard]] series_labels take(const attributes& attributes);
  [[nodiscard]] series_labels take_labels(label_list wanted);

 private:
  distinct_texts taken_;
  absl::flat_hash_map<std::uint64_t, unsigned> last_duplicate_;  // by the hash of equal labels
};

}  // namespace querytap::detail
