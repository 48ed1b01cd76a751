#include "keeper_job.hpp"

#include "../../analysis/pools/pool_sizing.hpp"
#include "../../base/bounded_wait.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace querytap::detail {
namespace {

// A lasting change becomes the usual in some ten looks.
constexpr double share_of_latest_load = 0.2;

std::size_t share_of_server(const pool_keeper_options& options, std::size_t maximum) {
  if (options.instances == 0) {
    throw configuration_error{"instances", "0", "pool_keeper: expected 1 or more"};
  }
  if (options.adapt_every <= std::chrono::milliseconds::zero()) {
    throw configuration_error{"adapt_every", fmt::format("{} ms", options.adapt_every.count()),
                              "pool_keeper: expected more than 0 ms"};
  }
  if (options.server_connections == 0) return maximum;
  const std::size_t share = options.server_connections / options.instances;
  if (share == 0) {
    throw configuration_error{
        "server_connections", fmt::format("{}", options.server_connections),
        fmt::format("pool_keeper: {} instances leave none for each", options.instances)};
  }
  return std::min(maximum, share);
}

}  // namespace

keeper_job::keeper_job(background_thread& thread, pool_slots& slots,
                       const pool_keeper_options& options)
    : thread_{thread},
      slots_{slots},
      options_{options},
      most_{share_of_server(options, slots.report().maximum)},
      begin_{slots.report()},
      due_{thread.now()} {
  if (most_ < begin_.maximum) slots_.resize(std::min(begin_.minimum, most_), most_);
}

void keeper_job::step() {
  due_ = thread_.now() + slots_.maintain();
  if (!options_.adaptive) return;
  const pool_report state = slots_.report();
  if (state.age - begin_.age >= bounded_wait(options_.adapt_every)) adapt(state);
}

void keeper_job::adapt(const pool_report& state) {
  const pool_load load = load_between(begin_, state);
  begin_ = state;
  if (load.uses == 0) return;
  const std::size_t size = adapted_size(
      state.maximum, {std::max<std::size_t>(1, state.minimum), most_}, load, usual_use_seconds_);
  usual_use_seconds_ = usual_use_seconds_ == 0
                           ? load.mean_use_seconds()
                           : usual_use_seconds_ + share_of_latest_load * (load.mean_use_seconds() -
                                                                          usual_use_seconds_);
  if (size != state.maximum) slots_.resize(state.minimum, size);
}

}  // namespace querytap::detail
