#pragma once

#include "../../base/fork_hooks.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace querytap::detail {

/// The time that background threads go by: a steady clock, or a test's.
class task_clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static task_clock& steady() noexcept;

  [[nodiscard]] virtual time_point now() const = 0;
  /// Waits for a notification of `changed`, until then at most; may return early.
  virtual void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                          time_point until) = 0;

 protected:
  ~task_clock() = default;
};

/// What a background_task does in one process.
///
/// Threads  all is called on the task's thread, except end_by().
/// Errors   an exception ends the call that it leaves, and nothing else.
class background_job {
 public:
  using time_point = task_clock::time_point;

  virtual ~background_job() = default;

  /// Called once, before all others.
  virtual void begin() {}
  /// When the next step is due; asked before each wait. time_point::max(): when the thread is woken.
  [[nodiscard]] virtual time_point due() = 0;
  virtual void step() = 0;
  /// Called by the thread that stops the task, perhaps during step() or finish(): what blocks must end by then.
  virtual void end_by(time_point /*deadline*/) noexcept {}
  /// Called once, after all others: what is left to do, by then.
  virtual void finish(time_point /*deadline*/) {}
};

/// The thread of a background_task in one process.
///
/// Threads  any, except where a function says otherwise.
class background_thread {
 public:
  using time_point = task_clock::time_point;

  explicit background_thread(task_clock& clock) noexcept : clock_{clock} {}
  background_thread(const background_thread&) = delete;
  background_thread& operator=(const background_thread&) = delete;

  [[nodiscard]] time_point now() const { return clock_.now(); }
  /// Makes a step due now; during a step, another one.
  void wake();
  [[nodiscard]] bool is_stopping() const;
  /// For the job, on its thread. False, and early, if the task is stopped meanwhile; in finish() nothing
  /// ends the pause.
  [[nodiscard]] bool pause_until(time_point until);

 private:
  friend class background_task_base;

  /// With asynchronous signals blocked: the application's handlers run in its own threads, and a
  /// connection that breaks ends no process.
  void start(background_job& job);
  /// Returns once the thread has ended. Only the first call does anything; the others wait for it.
  void stop(background_job& job, time_point deadline);
  void run(background_job& job);
  template <class Condition>
  void wait_until(std::unique_lock<std::mutex>& lock, time_point until, Condition condition);

  task_clock& clock_;
  mutable std::mutex mutex_;  // guards everything down to deadline_
  std::condition_variable changed_;
  bool is_woken_ = false;
  bool is_stopping_ = false;
  bool is_finishing_ =
      false;  // the pauses of finish() are not cut short by the stop that led to it
  time_point deadline_ = time_point::max();

  std::mutex stop_mutex_;  // one stop at a time; guards thread_
  std::thread thread_;
};

/// background_task, for any job.
class background_task_base : fork_hook {
 protected:
  using factory = std::function<std::unique_ptr<background_job>(background_thread&)>;

  background_task_base(factory make, task_clock& clock);
  ~background_task_base();

  [[nodiscard]] background_job* job() const noexcept;
  void stop(std::chrono::nanoseconds within);

 private:
  struct process;  // what the child of a fork makes anew

  void in_child() noexcept override;
  [[nodiscard]] std::unique_ptr<process> started() const;

  const factory make_;
  task_clock& clock_;
  // ORDER relaxed: read in the child of a fork alone, by the thread that forked.
  std::atomic<bool> is_stopped_{false};
  std::unique_ptr<process> here_;
};

/// Steps of a job, on a thread of their own, whenever they are due.
///
///     background_task<cleaner> task{[&](background_thread&) { return std::make_unique<cleaner>(cache); }};
///     task.stop(2s);
///
/// The child of a fork has a thread and a job of its own, made by the same function: the parent's thread
/// is not there, and its locks may be held for ever. A task that was stopped before the fork stays so.
///
/// Threads  any.
/// Errors   what `make` throws, std::system_error without a thread; in a child neither: it has no job.
/// Lifetime what `make` refers to must outlive the task. The destructor stops it, and allows no time.
template <class Job>
class background_task final : background_task_base {
 public:
  template <class Make>
  explicit background_task(Make make, task_clock& clock = task_clock::steady())
      : background_task_base{
            [make = std::move(make)](background_thread& thread) -> std::unique_ptr<background_job> {
              return make(thread);
            },
            clock} {}

  /// Null only in the child of a fork.
  [[nodiscard]] Job* job() const noexcept { return static_cast<Job*>(background_task_base::job()); }
  /// Ends the thread; the job has `within` to finish its work. Only the first call does anything,
  /// other calls wait for it.
  using background_task_base::stop;
};

}  // namespace querytap::detail
