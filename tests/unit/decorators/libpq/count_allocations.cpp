#include "count_allocations.hpp"

#include <support/sanitizer.hpp>

#include <cstdlib>
#include <new>

namespace {

thread_local bool counts_allocations = false;
thread_local int counted_allocations = 0;

}  // namespace

#if defined(__has_feature)
#define QUERYTAP_TEST_HAS_SANITIZER \
  (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
#else
#define QUERYTAP_TEST_HAS_SANITIZER 0
#endif

#if !QUERYTAP_TEST_HAS_SANITIZER
void* operator new(std::size_t size) {
  if (counts_allocations) ++counted_allocations;
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc{};
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
#endif

int querytap::testing::allocations_of(const std::function<void()>& work) {
  counted_allocations = 0;
  counts_allocations = true;
  work();
  counts_allocations = false;
  return counted_allocations;
}
