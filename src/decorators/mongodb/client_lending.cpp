#include "client_lending.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/calls/detail/folded_product.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <bit>

namespace querytap::mongodb::detail {

client_lending::client_lending(recorder& telemetry, std::string_view name, std::uint32_t maximum)
    : time_{telemetry.time()}, maximum_{maximum} {
  const attributes labels{{"db.client.connection.pool.name", name}};
  const auto bind_count = [&](std::string_view state) {
    attributes with_state = labels;
    with_state.set({"db.client.connection.state", state});
    return telemetry.bind_up_down_counter(catalog::connection_count, with_state);
  };
  idle_ = bind_count("idle");
  used_ = bind_count("used");
  max_ = telemetry.bind_up_down_counter(catalog::connection_max, labels);
  pending_requests_ = telemetry.bind_up_down_counter(catalog::connection_pending_requests, labels);
  timeouts_ = telemetry.bind_counter(catalog::connection_timeouts, labels);
  wait_time_ = telemetry.bind_histogram(catalog::connection_wait_time, labels);
  use_time_ = telemetry.bind_histogram(catalog::connection_use_time, labels);
  max_.add(maximum_);
}

client_lending::~client_lending() {
  max_.add(-static_cast<std::int64_t>(maximum_));
  idle_.add(-idle_clients_.load(std::memory_order_relaxed));
  used_.add(-used_clients_.load(std::memory_order_relaxed));
}

std::size_t client_lending::first_place_of(const void* client) noexcept {
  return querytap::detail::folded_product(std::bit_cast<std::uintptr_t>(client),
                                          0x9E3779B97F4A7C15);
}

void client_lending::wait_ended(std::uint64_t begin, const void* client) noexcept {
  const std::uint64_t end = ticks();
  const std::uint64_t waited = time_.nanoseconds_between(begin, end);
  pending_requests_.add(-1);
  wait_time_.record(waited);
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
    timeouts_.add();
  } else {
    lent(end, client);
  }
}

// libmongoc makes a client where none is idle.
void client_lending::lent(std::uint64_t ticks, const void* client) noexcept {
  used_.add(1);
  used_clients_.fetch_add(1, std::memory_order_relaxed);
  std::int64_t idle = idle_clients_.load(std::memory_order_relaxed);
  while (idle > 0 &&
         !idle_clients_.compare_exchange_weak(idle, idle - 1, std::memory_order_relaxed)) {
  }
  if (idle > 0) idle_.add(-1);
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
    use_time_.record(
        time_.nanoseconds_between(each.since.load(std::memory_order_relaxed), ticks()));
    each.client.store(nullptr, std::memory_order_relaxed);
    break;
  }
  used_.add(-1);
  used_clients_.fetch_sub(1, std::memory_order_relaxed);
  idle_.add(1);
  idle_clients_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace querytap::mongodb::detail
