#pragma once

#include "goals.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::bench {

/// The measurements of the benchmarks, read from their JSON files.
class figures {
 public:
  struct overhead {
    double median;
    double low;
    double high;
  };

  /// Throws std::runtime_error for a file that no benchmark wrote.
  void read(const std::string& file);

  /// The median over the repetitions: nanoseconds or bytes. None if the figure was not measured.
  [[nodiscard]] std::optional<double> find(std::string_view name, quantity quantity) const;
  [[nodiscard]] std::optional<overhead> find_overhead(std::string_view name,
                                                      std::string_view rival) const;

 private:
  struct samples {
    std::vector<double> processor_times;
    std::vector<double> wall_times;
    std::vector<double> bytes;
    std::map<std::string, overhead, std::less<>> over_rivals;
  };

  std::map<std::string, samples, std::less<>> by_name_;
};

}  // namespace querytap::bench
