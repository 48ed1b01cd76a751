#pragma once

#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace querytap::libpq::detail {

/// Parameters as libpq takes them.
struct sent_values {
  int count = 0;
  const char* const* values = nullptr;
  const int* lengths = nullptr;
  const int* formats = nullptr;
};

/// The hash and the description of a call's text and values, where a request or a report will use
/// them. The values themselves are not stored.
class noted_values {
 public:
  noted_values(bool describes, std::string_view text, const sent_values& sent = {}) noexcept {
    if (!describes && querytap::detail::current_ledger == nullptr) return;
    parameter_digest digest;
    digest.add(text);
    try {
      for (int i = 0; i < sent.count; ++i) {
        with_value(sent, i, [&](const auto& value) {
          digest.add(value);
          if (describes) description_.add(value);
        });
      }
      hash_ = digest.hash();
    } catch (const std::exception&) {
      description_ = {};  // no memory
    }
  }

  /// The neighbours that a search asks for: see neighbours_asked().
  void search_for(std::optional<std::uint64_t> neighbours) noexcept { asked_ = neighbours; }
  [[nodiscard]] std::optional<std::uint64_t> asked() const noexcept { return asked_; }

  void begin(operation& timing) const noexcept {
    if (hash_) timing.parameters(*hash_);
  }
  void finish(operation& timing) const noexcept { finish(timing, description_.text(), 0); }
  [[nodiscard]] const std::string& description() const noexcept { return description_.text(); }

  static void finish(operation& timing, std::string_view description,
                     std::uint64_t batch_size) noexcept {
    timing.finish([description, batch_size](querytap::detail::call_extras& extras) {
      extras.batch_size = batch_size;
      extras.parameters_size = static_cast<std::uint8_t>(
          description.copy(extras.parameters.data(), extras.parameters.size()));
    });
  }

 private:
  template <class Visit>
  static void with_value(const sent_values& sent, int index, Visit visit) {
    const char* const value = sent.values == nullptr ? nullptr : sent.values[index];
    const bool is_binary = sent.formats != nullptr && sent.formats[index] != 0;
    if (value == nullptr) {
      visit(nullptr);
    } else if (is_binary) {
      const int size = sent.lengths == nullptr ? 0 : sent.lengths[index];
      visit(std::as_bytes(std::span{value, static_cast<std::size_t>(size < 0 ? 0 : size)}));
    } else {
      visit(std::string_view{value});
    }
  }

  std::optional<std::uint64_t> hash_;
  std::optional<std::uint64_t> asked_;
  parameter_description description_;
};

}  // namespace querytap::libpq::detail
