#include <querytap/calls/detail/lookup_cache.hpp>

#include <absl/hash/hash.h>
#include <absl/strings/string_view.h>

#include <new>

namespace querytap::detail {
namespace {

// Abseil's own view: for std::string_view the distribution's build takes std::hash, which is
// slower.
std::size_t hash_of_key(std::string_view text) noexcept {
  return absl::HashOf(absl::string_view{text.data(), text.size()});
}

}  // namespace

constinit thread_local lookup_cache* lookup_cache::current_ = nullptr;
constinit thread_local bool lookup_cache::storage_is_gone_ = false;
constinit std::atomic<std::uint64_t> lookup_cache::purges_requested_ = 0;

struct lookup_cache::cache_of_thread {
  lookup_cache cache;
  ~cache_of_thread() {
    current_ = nullptr;
    storage_is_gone_ = true;
  }
};

const ref_counted* lookup_cache::find(std::uint64_t owner, std::string_view text) noexcept {
  return current_ == nullptr ? nullptr : current_->find_here(owner, text);
}

const ref_counted* lookup_cache::find(std::uint64_t owner, std::string_view text,
                                      std::size_t hash) noexcept {
  if (current_ == nullptr) return nullptr;
  current_->purge_if_requested();
  const entry* const found = current_->find_entry(owner, text, hash);
  return found == nullptr ? nullptr : found->value.get();
}

const ref_counted* lookup_cache::find_here(std::uint64_t owner, std::string_view text) noexcept {
  purge_if_requested();
  entry*& last = last_at_address(text);
  if (last != nullptr && last->matches(owner, text)) return last->value.get();
  entry* const found = find_entry(owner, text, hash_of_key(text));
  if (found == nullptr) return nullptr;
  last = found;
  return found->value.get();
}

lookup_cache::entry* lookup_cache::find_entry(std::uint64_t owner, std::string_view text,
                                              std::size_t hash) noexcept {
  for (std::size_t i = 0; i < places; ++i) {
    entry& candidate = place(hash, i);
    if (candidate.hash == hash && candidate.matches(owner, text)) return &candidate;
  }
  return nullptr;
}

// Free and stale places come first, then the occupied ones in turn.
lookup_cache::entry& lookup_cache::place_for(std::size_t hash) noexcept {
  for (std::size_t i = 0; i < places; ++i) {
    entry& candidate = place(hash, i);
    if (candidate.owner == 0 || candidate.value->is_stale()) return candidate;
  }
  return place(hash, ++last_evicted_ % places);
}

lookup_cache::entry*& lookup_cache::last_at_address(std::string_view text) noexcept {
  // Texts are rarely closer to one another than 16 bytes.
  const auto address = reinterpret_cast<std::uintptr_t>(text.data()) >> 4;
  return by_address_[(address ^ text.size()) % size];
}

bool lookup_cache::insert(std::uint64_t owner, std::string_view text,
                          const ref_counted& value) noexcept {
  return insert(owner, text, hash_of_key(text), value);
}

bool lookup_cache::insert(std::uint64_t owner, std::string_view text, std::size_t hash,
                          const ref_counted& value) noexcept {
  lookup_cache* const cache = for_this_thread();
  if (cache == nullptr) return false;
  if (text.size() > longest_text || !cache->insert_here(owner, text, hash, value)) {
    cache->last_without_text_ = ref{value};
  }
  return true;
}

bool lookup_cache::insert_here(std::uint64_t owner, std::string_view text, std::size_t hash,
                               const ref_counted& value) noexcept {
  entry& taken = place_for(hash);
  taken.owner = 0;
  taken.value = ref{value};
  try {
    taken.text = text;
  } catch (const std::bad_alloc&) {
    return false;
  }
  taken.hash = hash;
  taken.owner = owner;
  return true;
}

void lookup_cache::purge_stale() noexcept {
  purges_requested_.fetch_add(1, std::memory_order_relaxed);
}

void lookup_cache::purge_if_requested() noexcept {
  const std::uint64_t requested = purges_requested_.load(std::memory_order_relaxed);
  if (requested != purges_done_) [[unlikely]]
    purge(requested);
}

void lookup_cache::purge(std::uint64_t requested) noexcept {
  purges_done_ = requested;
  for (entry* e = entries_.get(); e != entries_.get() + size; ++e) {
    if (!e->value || !e->value->is_stale()) continue;
    e->owner = 0;
    e->value = {};
  }
}

lookup_cache* lookup_cache::for_this_thread() noexcept {
  if (current_ != nullptr || storage_is_gone_) return current_;
  try {
    thread_local cache_of_thread made;
    current_ = &made.cache;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return current_;
}

}  // namespace querytap::detail
