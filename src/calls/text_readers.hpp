#pragma once

#include "text_entry.hpp"

#include <querytap/calls/detail/ref_counted.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Where a thread has found the texts of some addresses, so that it need not hash them again. What
/// is at an address may have changed: the text is to be compared.
///
/// Threads  one.
class known_addresses {
 public:
  class guess {
   public:
    [[nodiscard]] std::uint32_t place() const noexcept { return known_ & place_mask; }
    [[nodiscard]] bool is_any() const noexcept {
      return matches() && (known_ & failures_mask) != failures_mask;
    }
    /// Once the text is found elsewhere than in the place that was guessed, if any was.
    void set(std::uint32_t place) noexcept {
      std::uint32_t failures = 0;
      if (matches()) failures = std::min(failures_mask, (known_ & failures_mask) + failure);
      known_ = tag_ | failures | place;
    }

   private:
    friend class known_addresses;
    guess(std::uint32_t& known, std::uint32_t tag) noexcept : known_{known}, tag_{tag} {}
    [[nodiscard]] bool matches() const noexcept { return (known_ & tag_mask) == tag_; }

    std::uint32_t& known_;
    const std::uint32_t tag_;
  };

  [[nodiscard]] guess at(std::string_view text) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(text.data());
    const std::uint64_t mixed = (address ^ text.size() << 48) * 0x9E3779B97F4A7C15;
    return {known_[mixed >> 52], (static_cast<std::uint32_t>(mixed >> 20) & tag_mask) | 1U << 31};
  }

 private:
  // A word has the place, how often the guess has failed, as it does where a buffer has ever new texts,
  // and a part of the address; 0: nothing.
  static constexpr std::uint32_t place_mask = (1U << 16) - 1;
  static constexpr std::uint32_t failure = 1U << 16;
  static constexpr std::uint32_t failures_mask = 7 * failure;
  static constexpr std::uint32_t tag_mask = ~(place_mask | failures_mask);

  std::array<std::uint32_t, 4096> known_{};
};

/// A thread that looks texts up: the entry that it has in use, which is not freed meanwhile (a
/// hazard pointer), and what it alone remembers.
///
/// ORDER    `in_use` is written with release and read with acquire by whoever frees entries: a thread
///          that has moved on has done everything with the old entry before.
struct alignas(64) text_reader {
  std::atomic<const text_entry*> in_use{nullptr};
  std::atomic<bool> leased{true};
  text_reader* next = nullptr;          // made before this one
  ref<const ref_counted> without_text;  // found last, where no entry could be made for it
  known_addresses addresses;
};

/// All readers of the process. A thread that ends leaves its reader to the next new one: there are
/// as many as there ever were threads at once.
///
/// ORDER    a reader is published with release, and reached with acquire. It is leased with acquire and
///          returned with release: the next thread sees everything that the last one did to it.
class text_readers {
 public:
  constexpr text_readers() noexcept = default;
  text_readers(const text_readers&) = delete;
  text_readers& operator=(const text_readers&) = delete;
  ~text_readers();

  /// Null without memory.
  [[nodiscard]] text_reader* lease() noexcept;
  static void give_back(text_reader& reader) noexcept;
  /// After fence_of_writer(): whether a thread still uses the entry, which no thread finds any more.
  [[nodiscard]] bool is_in_use(const text_entry& entry) const noexcept;
  /// In the child of a fork: gives back what belongs to the threads of the parent.
  void forget_others(const text_reader* own) noexcept;

 private:
  std::atomic<text_reader*> newest_{nullptr};
};

}  // namespace querytap::detail
