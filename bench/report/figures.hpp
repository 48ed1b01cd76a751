#pragma once

#include "goals.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::bench {

/// What the benchmarks have measured, read from the JSON files that they wrote.
class figures {
 public:
  struct overhead {
    double ratio;
    double low;
    double high;
  };

  /// Throws std::runtime_error for a file that is not one of a benchmark.
  void read(const std::string& file);

  /// The median over the repetitions: nanoseconds or bytes. None if it was not measured.
  [[nodiscard]] std::optional<double> find(std::string_view name, quantity of) const;
  [[nodiscard]] std::optional<overhead> find_overhead(std::string_view name) const;

 private:
  struct samples {
    std::vector<double> processor_times;
    std::vector<double> wall_times;
    std::vector<double> bytes;
    std::optional<overhead> over_bare;
  };

  std::map<std::string, samples, std::less<>> by_name_;
};

}  // namespace querytap::bench
