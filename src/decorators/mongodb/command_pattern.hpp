#pragma once

#include "command_shape.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::mongodb::detail {

/// What the bytes of all commands of one shape have in common, with the text and the facts of that shape: to read
/// a command that is like an earlier one is to compare it. No value is kept.
///
/// Threads  any number at once: it never changes.
/// Cost     a comparison of the bytes between gaps.
class command_pattern {
 public:
  /// Null where the shape does not know what commands like this one have in common.
  [[nodiscard]] static std::unique_ptr<const command_pattern> make(std::string_view command,
                                                                   const command_shape& shape);

  /// True for a command of this shape; `batch_size` is that of the command then. Sizes of documents are taken to be
  /// those of their members, as in all that drivers send.
  [[nodiscard, gnu::hot]] bool matches(std::string_view command,
                                       std::uint64_t& batch_size) const noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// Of the command of which it was made, but for the size of a batch.
  [[nodiscard]] const command_facts& facts() const noexcept { return facts_; }

 private:
  /// Bytes that are common, and the gap behind them.
  struct step {
    std::uint16_t common;
    std::uint8_t gap;  ///< bytes; of what says its own size those that come on top
    command_gap::kind content;
  };

  command_pattern() = default;
  [[nodiscard]] bool add_common(std::string_view bytes) noexcept;
  void add_gap(const command_gap& gap, std::string_view command) noexcept;

  // In one piece, since it is mostly not in the processor's cache.
  command_facts facts_;
  std::uint32_t common_size_ = 0;
  std::uint32_t count_of_steps_ = 0;
  std::array<step, command_shape::most_gaps + 1> steps_;  // the last one has no gap
  std::array<char, 512> common_;  // of all steps, and what stands behind the last gap
  std::string text_;
};

/// The patterns of the commands of one client or pool, of some 0.8 KiB each. What is once known stays known; past
/// 8 patterns for a command of a collection, or 512 in all, others are read anew each time.
///
/// Threads  any number at once. Two that add the same pattern at once leave it twice.
/// Cost     a hash of the command's name and collection, and a comparison with each of their patterns. No
///          lock, no allocation where a pattern is found.
/// ORDER    a pattern is published with release and found with acquire; none is removed.
class known_commands {
 public:
  known_commands() = default;
  known_commands(const known_commands&) = delete;
  known_commands& operator=(const known_commands&) = delete;
  ~known_commands();

  /// Null where the shape of the command is not known.
  [[nodiscard, gnu::hot]] const command_pattern* find(std::string_view command,
                                                      std::uint64_t& batch_size) const noexcept;
  void add(std::string_view command, const command_shape& shape) noexcept;

 private:
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t count_of_buckets = 64;
  using bucket = std::array<std::atomic<const command_pattern*>, ways>;

  [[nodiscard, gnu::hot]] static std::size_t bucket_of(std::string_view command) noexcept;

  alignas(64) std::array<bucket, count_of_buckets> buckets_{};
};

}  // namespace querytap::mongodb::detail
