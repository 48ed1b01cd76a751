#pragma once

// std::unique_ptr and std::shared_ptr without the rest of <memory>: its algorithms, atomics and ranges take the
// compiler longer than the pointers. As base/duration.hpp.

#include <version>

#if defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE >= 11 && __has_include(<bits/shared_ptr.h>)
#include <bits/shared_ptr.h>
#include <bits/unique_ptr.h>
#else
#include <memory>
#endif
