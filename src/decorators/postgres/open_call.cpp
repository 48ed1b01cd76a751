#include <querytap/decorators/detail/open_call.hpp>

namespace querytap::postgres::detail {

void open_call::fail() noexcept {
  if (timing_) timing_->fail(failure_of_current_exception().outcome);
}

void open_call::finish(std::uint64_t batch_size) noexcept {
  if (!timing_) return;
  timing_->finish([=](querytap::detail::call_extras& extras) { extras.batch_size = batch_size; });
  timing_.reset();
}

}  // namespace querytap::postgres::detail
