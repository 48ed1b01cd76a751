#include <querytap/calls/retrieval/vector_call.hpp>

#include <querytap/calls/detail/call_data.hpp>

namespace querytap {

void vector_call::finish() noexcept {
  operation_.finish([this](detail::call_extras& extras) {
    if (batch_ > 1) extras.batch_size = batch_;
  });
}

}  // namespace querytap
