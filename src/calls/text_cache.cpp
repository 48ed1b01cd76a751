#include <querytap/calls/text_cache.hpp>

#include <absl/hash/hash.h>
#include <absl/strings/string_view.h>

#include <new>

namespace querytap::detail {
namespace {

// Abseil's own view: of std::string_view the distribution's build takes std::hash, which is slower.
std::size_t hash_of(std::string_view text) noexcept {
  return absl::HashOf(absl::string_view{text.data(), text.size()});
}

}  // namespace

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
  return current_ == nullptr ? nullptr : current_->find_here(owner, text);
}

const void* text_cache::find_here(std::uint64_t owner, std::string_view text) noexcept {
  entry*& last = last_at(text);
  if (last != nullptr && last->is(owner, text)) return last->value;
  const std::size_t hash = hash_of(text);
  entry& at = entries_[hash % size];
  if (at.hash != hash || !at.is(owner, text)) return nullptr;
  last = &at;
  return at.value;
}

text_cache::entry*& text_cache::last_at(std::string_view text) noexcept {
  // Texts are rarely closer to one another than 16 bytes.
  const auto address = reinterpret_cast<std::uintptr_t>(text.data()) >> 4;
  return by_address_[(address ^ text.size()) % size];
}

void text_cache::keep(std::uint64_t owner, std::string_view text, const void* value) noexcept {
  if (text.size() > longest_text) return;
  text_cache* cache = of_this_thread();
  if (cache == nullptr) return;
  const std::size_t hash = hash_of(text);
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
