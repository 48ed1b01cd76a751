#pragma once

/// What the compiler and the processor offer. Every feature `#if` of the library stands here, and
/// nowhere else.

#if defined(__x86_64__)
#define QUERYTAP_HAS_TSC 1
#else
#define QUERYTAP_HAS_TSC 0
#endif

// A large or dynamic thread_local fails to load in a plugin; one pointer always finds room.
#define QUERYTAP_INITIAL_EXEC [[gnu::tls_model("initial-exec")]]
