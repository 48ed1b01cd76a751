#pragma once

#include <cxxabi.h>

namespace querytap::detail {

/// Makes a call that is the application's; false if it threw, whatever it threw. Only the unwinding by
/// which a thread is cancelled goes on.
template <class Call>
bool call_guarded(Call call) {
  try {
    call();
    return true;
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return false;
  }
}

}  // namespace querytap::detail
