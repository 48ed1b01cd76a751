#pragma once

namespace querytap::detail {

/// Owns what its owner's source file alone knows the inside of, or nothing. As std::unique_ptr, which brings
/// streams along that take the compiler longer than a whole client's header.
///
/// Lifetime T is complete where the owner's destructor and moves are defined.
template <class T>
class pimpl {
 public:
  explicit pimpl(T* owned) noexcept : owned_{owned} {}
  pimpl(pimpl&& other) noexcept : owned_{other.release()} {}
  pimpl& operator=(pimpl&& other) noexcept {
    if (this != &other) {
      destroy();
      owned_ = other.release();
    }
    return *this;
  }
  ~pimpl() { destroy(); }

  [[nodiscard]] T* get() const noexcept { return owned_; }
  T* operator->() const noexcept { return owned_; }
  T& operator*() const noexcept { return *owned_; }

 private:
  void destroy() noexcept {
    static_assert(sizeof(T) > 0, "the owner's destructor belongs to its source file");
    delete owned_;
  }
  T* release() noexcept {
    T* const owned = owned_;
    owned_ = nullptr;
    return owned;
  }

  T* owned_;
};

}  // namespace querytap::detail
