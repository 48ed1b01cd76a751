#pragma once

#include "background_task.hpp"
#include "expendable_threads.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

/// Something that is called again and again, each time with a limit, and that may hang.
///
/// Threads  all is called on the scheduler's thread, except the calls themselves.
class scheduled_call {
 public:
  using time_point = task_clock::time_point;

  virtual ~scheduled_call() = default;

  /// When begin() is due; while the call is past its limit, when overdue() is.
  [[nodiscard]] virtual time_point due() const = 0;
  [[nodiscard]] virtual std::chrono::nanoseconds limit() const = 0;
  /// Returns what is called on another thread, and owns all that it uses; or nothing, if there is nothing
  /// to call this time. due() is later afterwards.
  [[nodiscard]] virtual std::function<void()> begin(time_point begun) = 0;
  /// The call could not be made: there is no memory, or no thread for it. due() is later afterwards.
  virtual void not_begun(time_point tried, const std::string& reason) = 0;
  /// The call has been running for its limit or longer. due() is later afterwards.
  virtual void overdue(time_point begun, time_point seen) = 0;
  /// The call has returned, within its limit or later.
  virtual void ended(time_point begun, time_point ended) = 0;
};

/// Calls what is due, each on a thread of its own, so that a call that hangs delays no other.
///
/// Threads  as background_job. `changed` is called on the scheduler's thread, after each of its steps.
class call_scheduler : public background_job {
 public:
  explicit call_scheduler(background_thread& thread)
      : thread_{thread}, news_{std::make_shared<news>(thread)} {}
  /// Waits for calls that are within their limit; a call that is past it is left behind with its thread.
  ~call_scheduler() override;

  /// Before the first step.
  void add(std::unique_ptr<scheduled_call> call);

  [[nodiscard]] time_point due() override;
  void step() override;

 protected:
  virtual void changed() {}

 private:
  /// What calls report back; it outlives the scheduler where a call hangs.
  struct news {
    explicit news(background_thread& owner) : thread{&owner} {}

    std::mutex mutex;  // guards all of these
    std::condition_variable changed;
    background_thread* thread;  // null once the scheduler is gone
    /// Index of the call, and when it returned; with room for all calls, so that no end is lost.
    std::vector<std::pair<std::size_t, time_point>> ended = {};
  };
  struct known_call {
    std::unique_ptr<scheduled_call> call;
    bool is_running = false;
    time_point begun = {};
    bool is_overdue = false;
  };

  [[nodiscard]] time_point due_of(const known_call& entry) const;
  void take_news();
  void look_at(std::size_t index);
  void begin_call(std::size_t index);
  [[nodiscard]] bool has_ended(std::size_t index) const;

  background_thread& thread_;
  const std::shared_ptr<news> news_;
  std::vector<known_call> entries_;
  expendable_threads threads_;
};

}  // namespace querytap::detail
