#pragma once

#include <querytap/calls/retrieval/retrieval_quality.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace querytap {

/// The last results of some questions, each question in the place that its hash says.
///
/// Threads  any number at once: a place in use by another thread is left alone.
class retrieval_quality::remembered_questions {
 public:
  static constexpr std::size_t most_passages = 32;

  /// Remembers these results, and gives the Jaccard index of them and the last ones of this question, in
  /// millionths; nothing where the question is not known, or its place is in use.
  [[nodiscard]] std::optional<std::uint64_t> replace(
      std::uint64_t question, std::span<const std::uint64_t> passages) noexcept;

 private:
  static constexpr std::size_t most_questions = 256;

  struct place {
    // ORDER acquire where it is taken, release where it is given back: who takes it next sees what was
    //       written meanwhile. Nobody waits for it.
    std::atomic_flag in_use;
    std::uint64_t question = 0;
    std::size_t size = 0;
    std::array<std::uint32_t, most_passages> passages{};
  };

  std::array<place, most_questions> places_;
};

}  // namespace querytap
