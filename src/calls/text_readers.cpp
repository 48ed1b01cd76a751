#include "text_readers.hpp"

#include <new>

namespace querytap::detail {

// A thread that outlives static destruction keeps its own.
text_readers::~text_readers() {
  text_reader* reader = newest_.exchange(nullptr, std::memory_order_acquire);
  while (reader != nullptr) {
    text_reader* const next = reader->next;
    if (!reader->leased.exchange(true, std::memory_order_acquire)) delete reader;
    reader = next;
  }
}

text_reader* text_readers::lease() noexcept {
  text_reader* const newest = newest_.load(std::memory_order_acquire);
  for (text_reader* reader = newest; reader != nullptr; reader = reader->next) {
    if (reader->leased.load(std::memory_order_relaxed)) continue;
    if (!reader->leased.exchange(true, std::memory_order_acquire)) return reader;
  }
  auto* const fresh = new (std::nothrow) text_reader;
  if (fresh == nullptr) return nullptr;
  fresh->next = newest;
  while (!newest_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                        std::memory_order_relaxed)) {
  }
  return fresh;
}

void text_readers::give_back(text_reader& reader) noexcept {
  reader.without_text = {};
  reader.in_use.store(nullptr, std::memory_order_release);
  reader.leased.store(false, std::memory_order_release);
}

bool text_readers::is_in_use(const text_entry& entry) const noexcept {
  const text_reader* reader = newest_.load(std::memory_order_acquire);
  for (; reader != nullptr; reader = reader->next) {
    if (reader->in_use.load(std::memory_order_acquire) == &entry) return true;
  }
  return false;
}

void text_readers::forget_others(const text_reader* own) noexcept {
  text_reader* reader = newest_.load(std::memory_order_acquire);
  for (; reader != nullptr; reader = reader->next) {
    if (reader != own && reader->leased.load(std::memory_order_relaxed)) give_back(*reader);
  }
}

}  // namespace querytap::detail
