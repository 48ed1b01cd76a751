#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace querytap {

namespace detail {
/// Two random words, drawn once a process: a hash keyed with them is useless outside the process.
[[nodiscard]] std::array<std::uint64_t, 2> secret_of_process() noexcept;
}  // namespace detail

/// The hash of a call's parameters, by which a request finds calls that it has made before. Values
/// are not stored, and the hash is useless outside the process.
///
///     parameter_digest digest;
///     digest.add(7);
///     digest.add("Ada");
///     call.parameters(digest.hash());
///
/// Threads  one at a time.
/// Cost     a multiplication for 16 bytes.
class parameter_digest {
 public:
  void add(std::nullptr_t) noexcept { mix(1, 0); }
  template <std::integral T>
  void add(T value) noexcept {
    mix(2, static_cast<std::uint64_t>(value));
  }
  template <std::floating_point T>
  void add(T value) noexcept {
    const auto widest = static_cast<double>(value);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &widest, sizeof bits);
    mix(3, bits);
  }
  void add(const char* text) noexcept {
    text == nullptr ? add(nullptr) : add(std::string_view{text});
  }
  void add(std::string_view value) noexcept { add_bytes(4, value.data(), value.size()); }
  void add(std::span<const std::byte> value) noexcept { add_bytes(5, value.data(), value.size()); }
  template <class T>
  void add(const std::optional<T>& value) noexcept {
    if (value) {
      add(*value);
    } else {
      add(nullptr);
    }
  }

  [[nodiscard]] std::uint64_t hash() const noexcept { return state_; }

 private:
  // The product of two words has all their bits in its middle.
  void mix(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    const wide product = wide{a ^ secret_[0] ^ state_} * (b ^ secret_[1]);
    state_ = (static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product)) + a;
  }
  void add_bytes(std::uint64_t kind, const void* from, std::size_t size) noexcept {
    mix(kind, size);
    const auto* at = static_cast<const unsigned char*>(from);
    for (; size > 0; size -= size < 16 ? size : 16, at += 16) {
      std::array<std::uint64_t, 2> words{};
      std::memcpy(words.data(), at, size < 16 ? size : 16);
      mix(words[0], words[1]);
    }
  }

  std::array<std::uint64_t, 2> secret_ = detail::secret_of_process();
  std::uint64_t state_ = 0x9E3779B97F4A7C15;
};

/// Kinds and sizes of parameters: `integer, text(12), null`.
///
/// Threads  one at a time.
class parameter_description {
 public:
  void add(std::nullptr_t) { append("null"); }
  void add(bool) { append("boolean"); }
  template <std::integral T>
  void add(T) {
    append("integer");
  }
  template <std::floating_point T>
  void add(T) {
    append("real");
  }
  void add(const char* text) { text == nullptr ? add(nullptr) : add(std::string_view{text}); }
  void add(std::string_view value) { append("text(" + std::to_string(value.size()) + ')'); }
  void add(std::span<const std::byte> value) {
    append("blob(" + std::to_string(value.size()) + ')');
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add(nullptr);
    }
  }

  /// A value of which neither is known.
  void add_unknown() { append("unknown"); }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  void append(std::string_view kind) {
    if (!text_.empty()) text_ += ", ";
    text_ += kind;
  }

  std::string text_;
};

}  // namespace querytap
