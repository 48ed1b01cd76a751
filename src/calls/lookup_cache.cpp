#include <querytap/calls/detail/lookup_cache.hpp>

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

constinit thread_local lookup_cache* lookup_cache::current_ = nullptr;
constinit thread_local bool lookup_cache::storage_is_gone_ = false;
constinit std::atomic<std::uint64_t> lookup_cache::purges_wanted_ = 0;

struct lookup_cache::owner_of_thread {
  lookup_cache cache;
  ~owner_of_thread() {
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
  current_->purge_if_asked();
  const entry* const at = current_->entry_of(owner, text, hash);
  return at == nullptr ? nullptr : at->value.get();
}

const ref_counted* lookup_cache::find_here(std::uint64_t owner, std::string_view text) noexcept {
  purge_if_asked();
  entry*& last = last_at(text);
  if (last != nullptr && last->is(owner, text)) return last->value.get();
  entry* const at = entry_of(owner, text, hash_of(text));
  if (at == nullptr) return nullptr;
  last = at;
  return at->value.get();
}

lookup_cache::entry* lookup_cache::entry_of(std::uint64_t owner, std::string_view text,
                                            std::size_t hash) noexcept {
  for (std::size_t i = 0; i < places; ++i) {
    entry& at = place(hash, i);
    if (at.hash == hash && at.is(owner, text)) return &at;
  }
  return nullptr;
}

// What is free or has become unwanted comes first, then one or another of those that are there.
lookup_cache::entry& lookup_cache::place_for(std::size_t hash) noexcept {
  for (std::size_t i = 0; i < places; ++i) {
    entry& at = place(hash, i);
    if (at.owner == 0 || at.value->is_stale()) return at;
  }
  return place(hash, ++last_driven_out_ % places);
}

lookup_cache::entry*& lookup_cache::last_at(std::string_view text) noexcept {
  // Texts are rarely closer to one another than 16 bytes.
  const auto address = reinterpret_cast<std::uintptr_t>(text.data()) >> 4;
  return by_address_[(address ^ text.size()) % size];
}

bool lookup_cache::keep(std::uint64_t owner, std::string_view text,
                        const ref_counted& value) noexcept {
  return keep(owner, text, hash_of(text), value);
}

bool lookup_cache::keep(std::uint64_t owner, std::string_view text, std::size_t hash,
                        const ref_counted& value) noexcept {
  lookup_cache* cache = of_this_thread();
  if (cache == nullptr) return false;
  if (text.size() > longest_text || !cache->enter(owner, text, hash, value)) {
    cache->last_without_text_ = ref{value};
  }
  return true;
}

bool lookup_cache::enter(std::uint64_t owner, std::string_view text, std::size_t hash,
                         const ref_counted& value) noexcept {
  entry& at = place_for(hash);
  at.owner = 0;
  at.value = ref{value};
  try {
    at.text = text;
  } catch (const std::bad_alloc&) {
    return false;
  }
  at.hash = hash;
  at.owner = owner;
  return true;
}

void lookup_cache::purge_stale() noexcept {
  purges_wanted_.fetch_add(1, std::memory_order_relaxed);
}

void lookup_cache::purge_if_asked() noexcept {
  const std::uint64_t wanted = purges_wanted_.load(std::memory_order_relaxed);
  if (wanted != purges_done_) [[unlikely]]
    purge(wanted);
}

void lookup_cache::purge(std::uint64_t until) noexcept {
  purges_done_ = until;
  for (entry* at = entries_.get(); at != entries_.get() + size; ++at) {
    if (!at->value || !at->value->is_stale()) continue;
    at->owner = 0;
    at->value = {};
  }
}

lookup_cache* lookup_cache::of_this_thread() noexcept {
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
