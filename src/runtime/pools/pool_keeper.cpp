#include <querytap/runtime/pools/pool_keeper.hpp>

#include "keeper_job.hpp"

namespace querytap {

class pool_keeper::task {
 public:
  task(detail::pool_slots& slots, const pool_keeper_options& options)
      : keeping_{[&slots, options](detail::background_thread& thread) {
          return std::make_unique<detail::keeper_job>(thread, slots, options);
        }} {}

 private:
  detail::background_task<detail::keeper_job> keeping_;
};

pool_keeper::pool_keeper(detail::pool_slots& slots, const pool_keeper_options& options)
    : task_{std::make_unique<task>(slots, options)} {}
pool_keeper::~pool_keeper() = default;

}  // namespace querytap
