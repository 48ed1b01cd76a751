#pragma once

#include <querytap/servers/collected.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace querytap::detail {

/// The series of one source, from one collection to the next: the same labels are the same series, as exporters need
/// it; and a counter that fell was reset, so that its series starts anew.
///
/// Threads  one.
class source_series {
 public:
  /// One metric for each instrument, in the order in which the instruments were found.
  [[nodiscard]] std::vector<std::shared_ptr<const metric>> update(
      const std::vector<collected::number>& numbers, std::chrono::system_clock::time_point time);

 private:
  struct known_series {
    std::shared_ptr<const series_identity> identity;
    std::int64_t last = 0;
    std::uint64_t seen = 0;  // number of the collection
  };

  std::map<const instrument*, std::map<std::string, known_series>>
      known_;  // by the text of the labels
  std::uint64_t collections_ = 0;
};

}  // namespace querytap::detail
