#pragma once

#include <querytap/calls/models/money.hpp>

#include <cstdint>

namespace querytap {

/// Why the cost of a call is known, or is not.
enum class cost_status : std::uint8_t { known, unknown_model, unknown_price, unknown_usage };

struct call_cost {
  money amount = {};  ///< 0 where it is not known
  cost_status status = cost_status::unknown_model;

  friend bool operator==(const call_cost&, const call_cost&) = default;
};

}  // namespace querytap
