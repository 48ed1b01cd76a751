#pragma once

// The durations and clocks of <chrono>, without its calendar, time zones and streams, which are most of what it
// costs to compile. GCC's library has them in a header that its own <mutex> and <atomic> include; of others it is
// all of <chrono>.

#include <version>

#if defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE >= 11 && __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
