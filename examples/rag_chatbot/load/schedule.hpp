#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rag_chatbot {

/// When each question is asked, and by which user: by the clock, whether the question before is
/// answered or not (an open loop). Moments are random at a set mean rate, like those of many
/// independent people, so that some questions coincide. Users take turns: of three, the first asks
/// questions 0, 3, 6 …
class schedule {
 public:
  /// `rate` in questions per second. The same seed gives the same moments.
  schedule(double rate, std::size_t users, std::chrono::seconds duration, std::uint64_t seed);

  [[nodiscard]] std::size_t questions() const { return starts_.size(); }
  [[nodiscard]] std::size_t users() const { return users_; }
  /// Since the start of the load.
  [[nodiscard]] std::chrono::nanoseconds start_of(std::size_t question) const {
    return starts_[question];
  }

 private:
  std::size_t users_;
  std::vector<std::chrono::nanoseconds> starts_;
};

}  // namespace rag_chatbot
