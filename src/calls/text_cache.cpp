#include <querytap/calls/text_cache.hpp>

#include <absl/hash/hash.h>

#include <new>

namespace querytap::detail {

constinit thread_local text_cache* text_cache::current_ = nullptr;
constinit thread_local bool text_cache::storage_is_gone_ = false;

struct text_cache::owner_of_thread {
  text_cache cache;
  ~owner_of_thread() {
    current_ = nullptr;
    storage_is_gone_ = true;
  }
};

const void* text_cache::find(std::uint64_t owner, std::string_view text) noexcept {
  if (current_ == nullptr) return nullptr;
  const std::size_t hash = absl::HashOf(text);
  const entry& at = current_->entries_[hash % size];
  const bool same = at.hash == hash && at.owner == owner && at.text == text;
  return same ? at.value : nullptr;
}

void text_cache::keep(std::uint64_t owner, std::string_view text, const void* value) noexcept {
  if (text.size() > longest_text) return;
  text_cache* cache = of_this_thread();
  if (cache == nullptr) return;
  const std::size_t hash = absl::HashOf(text);
  entry& at = cache->entries_[hash % size];
  at.owner = 0;
  try {
    at.text = text;
  } catch (const std::bad_alloc&) {
    return;
  }
  at.hash = hash;
  at.value = value;
  at.owner = owner;
}

text_cache* text_cache::of_this_thread() noexcept {
  if (current_ != nullptr || storage_is_gone_) return current_;
  try {
    thread_local owner_of_thread made;
    current_ = &made.cache;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return current_;
}

}  // namespace querytap::detail
