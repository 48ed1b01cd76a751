#pragma once

#include <querytap/calls/detail/ref_counted.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

namespace querytap::detail {

/// What was found for a text of an owner, in one allocation with a copy of the text.
///
/// Threads  any number read it; text_table makes and frees it.
class text_entry {
 public:
  /// Null without memory.
  [[nodiscard]] static text_entry* make(std::uint64_t owner, std::string_view text,
                                        std::uint64_t key, const ref_counted& value) noexcept {
    void* const room = ::operator new(sizeof(text_entry) + text.size(), std::nothrow);
    return room == nullptr ? nullptr : new (room) text_entry{owner, text, key, value};
  }
  static void free(text_entry* entry) noexcept {
    entry->~text_entry();
    ::operator delete(entry);
  }
  text_entry(const text_entry&) = delete;
  text_entry& operator=(const text_entry&) = delete;

  [[nodiscard]] bool is_of(std::uint64_t owner, std::string_view text) const noexcept {
    return owner == owner_ && text == std::string_view{characters(), size_};
  }
  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
  [[nodiscard]] const ref_counted& value() const noexcept { return *value_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(text_entry) + size_; }

  // ORDER  relaxed: a hint for evictions. Written only where it changes: the line stays shared.
  void set_used() const noexcept {
    if (!used_.load(std::memory_order_relaxed)) used_.store(true, std::memory_order_relaxed);
  }
  /// Whether the entry was used since the last call.
  [[nodiscard]] bool take_used() const noexcept {
    const bool used = used_.load(std::memory_order_relaxed);
    if (used) used_.store(false, std::memory_order_relaxed);
    return used;
  }

  text_entry* next_retired = nullptr;  // of the table

 private:
  text_entry(std::uint64_t owner, std::string_view text, std::uint64_t key,
             const ref_counted& value) noexcept
      : owner_{owner}, key_{key}, value_{value}, size_{static_cast<std::uint32_t>(text.size())} {
    text.copy(static_cast<char*>(static_cast<void*>(this + 1)), text.size());
  }
  ~text_entry() = default;

  [[nodiscard]] const char* characters() const noexcept {
    return static_cast<const char*>(static_cast<const void*>(this + 1));
  }

  const std::uint64_t owner_;
  const std::uint64_t key_;
  const ref<const ref_counted> value_;
  const std::uint32_t size_;
  mutable std::atomic<bool> used_{false};
};

}  // namespace querytap::detail
