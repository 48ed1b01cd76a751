#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace querytap::detail {

/// What threads keep for a text that they meet again and again: the statement of a query, the
/// series of a request name. It ends with its last holder.
///
/// Threads  any number at once.
/// ORDER    holders are let go of with release and counted with acquire: whoever finds itself the
///          only holder sees everything that the others did before they let go.
class ref_counted {
 public:
  void retain() const noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  [[nodiscard]] bool has_one_owner() const noexcept {
    return holders_.load(std::memory_order_acquire) == 1;
  }

  // ORDER relaxed: a hint to look again; whoever overlooks it loses nothing.
  void set_stale(bool unwanted) const noexcept {
    stale_.store(unwanted, std::memory_order_relaxed);
  }
  /// Whoever keeps it should let go of it, and look it up anew when he needs it.
  [[nodiscard]] bool is_stale() const noexcept { return stale_.load(std::memory_order_relaxed); }

  ref_counted(const ref_counted&) = delete;
  ref_counted& operator=(const ref_counted&) = delete;

 protected:
  ref_counted() noexcept = default;
  virtual ~ref_counted() = default;

 private:
  mutable std::atomic<std::uint32_t> holders_{0};
  mutable std::atomic<bool> stale_{false};
};

/// A holder of something kept.
template <class T>
class ref {
 public:
  ref() noexcept = default;
  explicit ref(T& what) noexcept : what_{&what} { what.retain(); }
  ref(const ref& other) noexcept : what_{other.what_} {
    if (what_ != nullptr) what_->retain();
  }
  ref(ref&& other) noexcept : what_{std::exchange(other.what_, nullptr)} {}
  ref& operator=(ref other) noexcept {
    std::swap(what_, other.what_);
    return *this;
  }
  ~ref() {
    if (what_ != nullptr) what_->release();
  }

  [[nodiscard]] T* get() const noexcept { return what_; }
  [[nodiscard]] T& operator*() const noexcept { return *what_; }
  [[nodiscard]] T* operator->() const noexcept { return what_; }
  [[nodiscard]] explicit operator bool() const noexcept { return what_ != nullptr; }

 private:
  T* what_ = nullptr;
};

}  // namespace querytap::detail
