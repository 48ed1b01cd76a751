#pragma once

#include <querytap/base/attribute.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// A counter of an exporter's, and the same as ours.
struct same_counter {
  std::string theirs;
  std::string ours;
  attributes labels = {};
  double factor = 1;  ///< from theirs to ours
};

/// Counters that rise while they are read: ours, read between two scrapes of the exporter, must lie between
/// the two. A counter is proved once it rose from one scrape to the next, by 1 % at most: ours is then within
/// 1 % of theirs, whichever of the two is asked. What lies outside is a fault, even of a counter that was
/// proved before.
class bracketed_counters {
 public:
  explicit bracketed_counters(std::vector<same_counter> rows) : rows_{std::move(rows)} {}

  /// `ours` finds our number for a row; nothing if there is none.
  template <class Ours>
  void compare(const std::map<std::string, double>& before, const Ours& ours,
               const std::map<std::string, double>& after) {
    for (const same_counter& row : rows_) {
      const auto first = before.find(row.theirs);
      const auto last = after.find(row.theirs);
      if (first == before.end() || last == after.end()) continue;
      const std::optional<double> number = ours(row);
      judge(row, first->second * row.factor, number, last->second * row.factor);
    }
  }

  [[nodiscard]] const std::string& faults() const noexcept { return faults_; }

  /// A line for each counter that is not proved yet, with its last numbers.
  [[nodiscard]] std::string unproved() const {
    std::string text;
    for (const same_counter& row : rows_) {
      const auto known = states_.find(row.theirs);
      if (known == states_.end()) {
        text += row.theirs + ": the exporter does not have it\n";
      } else if (!known->second.is_proved) {
        text +=
            fmt::format("{}: from {} to {}\n", row.theirs, known->second.first, known->second.last);
      }
    }
    return text;
  }

 private:
  struct bracket {
    double first = 0;
    double last = 0;
    bool is_proved = false;
  };

  void judge(const same_counter& row, double first, std::optional<double> number, double last) {
    // Ours are whole numbers of what is recorded, theirs doubles.
    const double rounding = 1e-9 * last + 1e-6;
    if (!number || *number < first - rounding || *number > last + rounding) {
      faults_ += fmt::format("{}: {} and {}, and ours {}\n", row.theirs, first, last,
                             number ? fmt::format("{}", *number) : "is not there");
    }
    bracket& state = states_[row.theirs];
    const bool has_risen_a_little = first < last && last - first <= 0.01 * last;
    state = {first, last, state.is_proved || has_risen_a_little};
  }

  std::vector<same_counter> rows_;
  std::map<std::string, bracket> states_;
  std::string faults_;
};

}  // namespace querytap::testing
