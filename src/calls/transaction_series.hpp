#pragma once

#include <querytap/calls/transaction.hpp>
#include <querytap/recording/histogram.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace querytap {
class recorder;
}

namespace querytap::detail {

/// What the transactions of one database system record into.
class transaction_series {
 public:
  enum class stage : std::uint8_t { first_query, queries, end };

  /// Throws without memory. `system` lives as long as the recorder.
  transaction_series(recorder& recorder, std::string_view system);

  [[nodiscard]] const histogram& duration(transaction_end how) const noexcept {
    return duration_[static_cast<std::size_t>(how)];
  }
  [[nodiscard]] const histogram& idle(stage before) const noexcept {
    return idle_[static_cast<std::size_t>(before)];
  }

 private:
  std::array<histogram, 3> duration_;
  std::array<histogram, 3> idle_;
};

}  // namespace querytap::detail
