#pragma once

#include <string>

namespace querytap::bench {

/// The processor that this program runs on. Goals may differ by family.
struct processor {
  std::string description;  ///< `AMD EPYC (family 25, model 1), 2 cores`
  bool is_amd;
};

[[nodiscard]] processor read_processor();

}  // namespace querytap::bench
