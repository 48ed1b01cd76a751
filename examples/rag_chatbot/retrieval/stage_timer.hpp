#pragma once

#include <querytap/base/clock.hpp>
#include <querytap/recording/recorder.hpp>

namespace rag_chatbot {

/// Records the duration of a scope.
class stage_timer {
 public:
  stage_timer(const querytap::clock& time, const querytap::histogram& into) noexcept
      : time_{time}, into_{into}, begin_{time.ticks()} {}
  ~stage_timer() { into_.record(time_.nanoseconds_between(begin_, time_.ticks())); }
  stage_timer(const stage_timer&) = delete;
  stage_timer& operator=(const stage_timer&) = delete;

 private:
  const querytap::clock& time_;
  const querytap::histogram& into_;
  const std::uint64_t begin_;
};

}  // namespace rag_chatbot
