#include <querytap/base/detail/uncaught_exceptions.hpp>

#include <querytap/base/detail/features.hpp>

#if QUERYTAP_HAS_CXXABI
#include <cxxabi.h>
#endif

namespace querytap::detail {

const unsigned* place_of_uncaught_exceptions() noexcept {
#if QUERYTAP_HAS_CXXABI
  struct globals_of_thread {
    void* caught;
    unsigned uncaught;
  };
  return &reinterpret_cast<const globals_of_thread*>(abi::__cxa_get_globals())->uncaught;
#else
  return nullptr;
#endif
}

}  // namespace querytap::detail
