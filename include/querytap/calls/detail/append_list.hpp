#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace querytap::detail {

/// A short list of values by key that only grows: the outcomes that a statement has had, the
/// backends that a kind of request has called. Searched from end to end, without a lock: meant for
/// a handful of entries. Whoever adds to it does so under one common key once it is full.
///
/// Threads  any number may find and add at once; two threads that add the same key at once leave
///          two equal entries, of which the newer is found.
/// ORDER    an entry is published by the compare-and-swap with release and reached through acquire
///          loads, so that a thread that finds an entry sees it complete; entries never change, and
///          none is removed.
template <class Key, class Value>
class append_list {
 public:
  static constexpr std::size_t most = 32;

  append_list() noexcept = default;
  append_list(const append_list&) = delete;
  append_list& operator=(const append_list&) = delete;
  ~append_list() {
    for (entry* next = first_.load(std::memory_order_relaxed); next != nullptr;) {
      delete std::exchange(next, next->next);
    }
  }

  template <class Same>
  [[nodiscard]] const Value* find(const Same& key) const noexcept {
    for (const entry* e = first_.load(std::memory_order_acquire); e != nullptr; e = e->next) {
      if (e->key == key) return &e->value;
    }
    return nullptr;
  }

  /// True from `most` entries on. Threads that add at once may exceed it by one each.
  [[nodiscard]] bool full() const noexcept { return size() >= most; }
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const entry* e = first_.load(std::memory_order_acquire); e != nullptr; e = e->next) {
      visit(e->value);
    }
  }

  const Value& add(Key key, Value value) {
    auto* fresh =
        new entry{std::move(key), std::move(value), first_.load(std::memory_order_relaxed)};
    while (!first_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    size_.fetch_add(1, std::memory_order_relaxed);
    return fresh->value;
  }

 private:
  struct entry {
    Key key;
    Value value;
    entry* next;
  };

  std::atomic<entry*> first_{nullptr};
  // ORDER relaxed: a number for the limit; nothing is published with it.
  std::atomic<std::size_t> size_{0};
};

}  // namespace querytap::detail
