#include "open_transaction.hpp"

namespace querytap::detail {

open_transaction::idling open_transaction::read() const noexcept {
  const std::uint64_t number = number_.load(std::memory_order_acquire);
  const std::uint64_t since = idle_since_.load(std::memory_order_acquire);
  const idling seen{number, since, code_location::at(began_at_.load(std::memory_order_acquire)),
                    code_location::at(after_.load(std::memory_order_acquire))};
  const bool is_of_one_moment = idle_since_.load(std::memory_order_acquire) == since &&
                                number_.load(std::memory_order_acquire) == number;
  return number != 0 && since != 0 && is_of_one_moment ? seen : idling{};
}

}  // namespace querytap::detail
