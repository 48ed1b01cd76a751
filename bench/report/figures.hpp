#pragma once

#include "../support/pairs.hpp"
#include "goals.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::bench {

/// A figure in each layout of its program; see bench/README.md. Programs without layouts have one.
using by_layout = std::map<std::size_t, double>;

/// The median over the layouts, and the lowest and highest.
struct spread {
  double median;
  double lowest;
  double highest;
};

/// None without values.
[[nodiscard]] std::optional<spread> spread_of(const by_layout& values);

/// Of one build: the measurements of its benchmarks, read from their JSON files.
class figures {
 public:
  /// `folder/program.LAYOUT.ROUND.json`, or of the layout 0 where the name has no such numbers.
  /// Throws std::runtime_error for a file that no benchmark wrote.
  void read(const std::string& file);

  /// The median over rounds and repetitions: nanoseconds or bytes. Empty if it was not measured.
  [[nodiscard]] by_layout find(std::string_view name, quantity quantity) const;

  /// Of two contenders of a contest. The spread is that of the layouts, and of the confidence
  /// intervals in them.
  [[nodiscard]] std::optional<spread> find_overhead(std::string_view name,
                                                    std::string_view rival) const;

  /// What there is of the figure. Some benchmarks time by hand: their processor time means nothing.
  [[nodiscard]] std::vector<quantity> measured_quantities(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct samples {
    std::vector<double> processor_times;
    std::vector<double> wall_times;
    std::vector<double> bytes;
    std::map<std::string, std::vector<ratio_interval>, std::less<>> over;  // by rival
  };
  struct figure_samples {
    bool is_timed_by_hand = false;
    std::map<std::size_t, samples> layouts;
  };

  std::map<std::string, figure_samples, std::less<>> by_name_;
};

}  // namespace querytap::bench
