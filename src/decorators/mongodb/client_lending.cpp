#include "client_lending.hpp"

#include <querytap/calls/detail/folded_product.hpp>
#include <querytap/calls/detail/ledger.hpp>

#include <bit>

namespace querytap::mongodb::detail {

client_lending::client_lending(recorder& telemetry, std::string_view name, std::uint32_t maximum)
    : time_{telemetry.time()}, maximum_{maximum}, metrics_{telemetry, name} {
  metrics_.max.add(maximum_);
}

client_lending::~client_lending() {
  metrics_.max.add(-static_cast<std::int64_t>(maximum_));
  metrics_.change(-idle_clients_.load(std::memory_order_relaxed),
                  -used_clients_.load(std::memory_order_relaxed));
}

std::size_t client_lending::first_place_of(const void* client) noexcept {
  return querytap::detail::folded_product(std::bit_cast<std::uintptr_t>(client),
                                          0x9E3779B97F4A7C15);
}

void client_lending::wait_ended(std::uint64_t begin, const void* client) noexcept {
  const std::uint64_t end = ticks();
  const std::uint64_t waited = time_.nanoseconds_between(begin, end);
  metrics_.pending_requests.add(-1);
  metrics_.wait_time.record(waited);
  constexpr std::uint64_t shortest_shown_wait = 1000;
  if (waited >= shortest_shown_wait || client == nullptr) {
    querytap::detail::last_pool_wait = waited;
    if (querytap::detail::current_ledger != nullptr) {
      querytap::detail::current_ledger->add("mongodb", phase::pool_wait, waited);
    }
  } else {
    querytap::detail::last_pool_wait = 0;
  }
  if (client == nullptr) {
    metrics_.timeouts.add();
  } else {
    lent(end, client);
  }
}

// libmongoc makes a client where none is idle.
void client_lending::lent(std::uint64_t ticks, const void* client) noexcept {
  used_clients_.fetch_add(1, std::memory_order_relaxed);
  std::int64_t idle = idle_clients_.load(std::memory_order_relaxed);
  while (idle > 0 &&
         !idle_clients_.compare_exchange_weak(idle, idle - 1, std::memory_order_relaxed)) {
  }
  metrics_.change(idle > 0 ? -1 : 0, 1);
  const std::size_t first = first_place_of(client);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    place& each = places_[(first + i) % places_.size()];
    const void* expected = nullptr;
    if (each.client.load(std::memory_order_relaxed) == nullptr &&
        each.client.compare_exchange_strong(expected, client, std::memory_order_relaxed)) {
      each.since.store(ticks, std::memory_order_relaxed);
      return;
    }
  }
}

void client_lending::given_back(const void* client) noexcept {
  const std::size_t first = first_place_of(client);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    place& each = places_[(first + i) % places_.size()];
    if (each.client.load(std::memory_order_relaxed) != client) continue;
    metrics_.use_time.record(
        time_.nanoseconds_between(each.since.load(std::memory_order_relaxed), ticks()));
    each.client.store(nullptr, std::memory_order_relaxed);
    break;
  }
  metrics_.change(1, -1);
  used_clients_.fetch_sub(1, std::memory_order_relaxed);
  idle_clients_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace querytap::mongodb::detail
