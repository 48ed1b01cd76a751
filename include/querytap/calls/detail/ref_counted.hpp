#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace querytap::detail {

/// What threads cache for a text that they meet again and again: the statement of a query, the
/// series of a request name. Destroyed with the last reference to it.
///
/// Threads  any number at once.
/// ORDER    references are released with release and counted with acquire: a thread that finds its
///          own to be the last one sees everything that the others did before they released theirs.
class ref_counted {
 public:
  void retain() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  [[nodiscard]] bool has_one_owner() const noexcept {
    return references_.load(std::memory_order_acquire) == 1;
  }

  // ORDER relaxed: a hint to look again; a thread that overlooks it loses nothing.
  void set_stale(bool stale) const noexcept { stale_.store(stale, std::memory_order_relaxed); }
  /// True if caches should release the object, and look it up anew when they next need it.
  [[nodiscard]] bool is_stale() const noexcept { return stale_.load(std::memory_order_relaxed); }

  ref_counted(const ref_counted&) = delete;
  ref_counted& operator=(const ref_counted&) = delete;

 protected:
  ref_counted() noexcept = default;
  virtual ~ref_counted() = default;

 private:
  mutable std::atomic<std::uint32_t> references_{0};
  mutable std::atomic<bool> stale_{false};
};

/// A reference to a ref_counted object, released at the end of its scope.
template <class T>
class ref {
 public:
  ref() noexcept = default;
  explicit ref(T& target) noexcept : target_{&target} { target.retain(); }
  ref(const ref& other) noexcept : target_{other.target_} {
    if (target_ != nullptr) target_->retain();
  }
  ref(ref&& other) noexcept : target_{std::exchange(other.target_, nullptr)} {}
  ref& operator=(ref other) noexcept {
    std::swap(target_, other.target_);
    return *this;
  }
  ~ref() {
    if (target_ != nullptr) target_->release();
  }

  [[nodiscard]] T* get() const noexcept { return target_; }
  [[nodiscard]] T& operator*() const noexcept { return *target_; }
  [[nodiscard]] T* operator->() const noexcept { return target_; }
  [[nodiscard]] explicit operator bool() const noexcept { return target_ != nullptr; }

 private:
  T* target_ = nullptr;
};

}  // namespace querytap::detail
