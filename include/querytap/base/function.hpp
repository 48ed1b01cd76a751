#pragma once

// std::function without the rest of <functional>: searchers and hash tables. As base/duration.hpp.

#include <version>

#if defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE >= 11 && __has_include(<bits/std_function.h>)
#include <bits/std_function.h>
#else
#include <functional>
#endif
