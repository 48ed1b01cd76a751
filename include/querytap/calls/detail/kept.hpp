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
class kept {
 public:
  void hold() const noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  void let_go() const noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  [[nodiscard]] bool has_one_holder() const noexcept {
    return holders_.load(std::memory_order_acquire) == 1;
  }

  // ORDER relaxed: a hint to look again; whoever overlooks it loses nothing.
  void set_unwanted(bool unwanted) const noexcept {
    unwanted_.store(unwanted, std::memory_order_relaxed);
  }
  /// Whoever keeps it should let go of it, and look it up anew when he needs it.
  [[nodiscard]] bool is_unwanted() const noexcept {
    return unwanted_.load(std::memory_order_relaxed);
  }

  kept(const kept&) = delete;
  kept& operator=(const kept&) = delete;

 protected:
  kept() noexcept = default;
  virtual ~kept() = default;

 private:
  mutable std::atomic<std::uint32_t> holders_{0};
  mutable std::atomic<bool> unwanted_{false};
};

/// A holder of something kept.
template <class T>
class held {
 public:
  held() noexcept = default;
  explicit held(T& what) noexcept : what_{&what} { what.hold(); }
  held(const held& other) noexcept : what_{other.what_} {
    if (what_ != nullptr) what_->hold();
  }
  held(held&& other) noexcept : what_{std::exchange(other.what_, nullptr)} {}
  held& operator=(held other) noexcept {
    std::swap(what_, other.what_);
    return *this;
  }
  ~held() {
    if (what_ != nullptr) what_->let_go();
  }

  [[nodiscard]] T* get() const noexcept { return what_; }
  [[nodiscard]] T& operator*() const noexcept { return *what_; }
  [[nodiscard]] T* operator->() const noexcept { return what_; }
  [[nodiscard]] explicit operator bool() const noexcept { return what_ != nullptr; }

 private:
  T* what_ = nullptr;
};

}  // namespace querytap::detail
