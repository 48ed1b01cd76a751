#pragma once

/// What the compiler, the processor and the build options decide. Every feature `#if` of the
/// library is here.

#if defined(__x86_64__)
#define QUERYTAP_HAS_TSC 1
#else
#define QUERYTAP_HAS_TSC 0
#endif

#if __has_builtin(__builtin_source_location)
#define QUERYTAP_HAS_SOURCE_LOCATION 1
#else
#define QUERYTAP_HAS_SOURCE_LOCATION 0
#endif

// The Itanium C++ ABI, which says where a thread counts the exceptions that are being thrown.
#if __has_include(<cxxabi.h>)
#define QUERYTAP_HAS_CXXABI 1
#else
#define QUERYTAP_HAS_CXXABI 0
#endif

// A constructor that refuses some literals when it is compiled: QUERYTAP_REFUSES type(…)
// QUERYTAP_REFUSED_IF(condition, reason). clang 14 crashes at a consteval constructor of a class with
// pointers, and has an attribute of its own instead.
#if defined(__clang__)
#define QUERYTAP_REFUSES constexpr
#define QUERYTAP_REFUSED_IF(condition, reason) \
  __attribute__((diagnose_if(condition, reason, "error")))
#else
#define QUERYTAP_REFUSES consteval
#define QUERYTAP_REFUSED_IF(condition, reason)
#endif

namespace querytap::detail {

/// The CMake option QUERYTAP_COMPILED_OUT leaves out everything that records. Types keep their
/// shape, so that the rest of a program compiles and links unchanged.
#if defined(QUERYTAP_COMPILED_OUT)
inline constexpr bool is_compiled_in = false;
#else
inline constexpr bool is_compiled_in = true;
#endif

}  // namespace querytap::detail

// A large or dynamic thread_local fails to load in a plugin; one pointer always fits.
#define QUERYTAP_INITIAL_EXEC [[gnu::tls_model("initial-exec")]]
