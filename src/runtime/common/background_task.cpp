#include "background_task.hpp"

#include "../../base/bounded_wait.hpp"
#include "../../base/call_guarded.hpp"
#include "blocked_signals.hpp"

namespace querytap::detail {
namespace {

class steady_task_clock final : public task_clock {
 public:
  [[nodiscard]] time_point now() const override { return std::chrono::steady_clock::now(); }

  void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  time_point until) override {
    if (until == time_point::max()) {
      changed.wait(lock);
    } else {
      changed.wait_until(lock, until);
    }
  }
};

}  // namespace

task_clock& task_clock::steady() noexcept {
  static steady_task_clock clock;
  return clock;
}

void background_thread::wake() {
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = true;
  }
  changed_.notify_all();
}

bool background_thread::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return is_stopping_;
}

bool background_thread::pause_until(time_point until) {
  std::unique_lock lock{mutex_};
  const auto is_cut_short = [this] { return is_stopping_ && !is_finishing_; };
  wait_until(lock, until, is_cut_short);
  return !is_cut_short();
}

template <class Condition>
void background_thread::wait_until(std::unique_lock<std::mutex>& lock, time_point until,
                                   Condition condition) {
  while (!condition() && clock_.now() < until) clock_.wait_until(changed_, lock, until);
}

void background_thread::start(background_job& job) {
  const blocked_signals blocked;
  thread_ = std::thread{[this, &job] { run(job); }};
}

void background_thread::stop(background_job& job, time_point deadline) {
  const std::lock_guard one_at_a_time{stop_mutex_};
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
    deadline_ = deadline;
  }
  changed_.notify_all();
  job.end_by(deadline);
  thread_.join();
}

void background_thread::run(background_job& job) {
  call_guarded([&] { job.begin(); });
  while (!is_stopping()) {
    const time_point due = job.due();
    std::unique_lock lock{mutex_};
    wait_until(lock, due, [this] { return is_woken_ || is_stopping_; });
    if (is_stopping_) break;
    is_woken_ = false;
    lock.unlock();
    call_guarded([&] { job.step(); });
  }
  {
    const std::lock_guard lock{mutex_};
    is_finishing_ = true;
  }
  call_guarded([&] { job.finish(deadline_); });  // deadline_ does not change any more
}

struct background_task_base::process {
  explicit process(const factory& make, task_clock& clock) : thread{clock}, job{make(thread)} {
    thread.start(*job);
  }
  ~process() { thread.stop(*job, thread.now()); }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  background_thread thread;
  const std::unique_ptr<background_job> job;
  process* abandoned_before = nullptr;
};

background_task_base::background_task_base(factory make, task_clock& clock)
    : fork_hook{fork_stage::tasks}, make_{std::move(make)}, clock_{clock}, here_{started()} {
  add();
}

background_task_base::~background_task_base() {
  stop(std::chrono::nanoseconds{0});
  remove();
}

background_job* background_task_base::job() const noexcept {
  return here_ == nullptr ? nullptr : here_->job.get();
}

void background_task_base::stop(std::chrono::nanoseconds within) {
  is_stopped_.store(true, std::memory_order_relaxed);
  if (here_ != nullptr) here_->thread.stop(*here_->job, clock_.now() + bounded_wait(within));
}

std::unique_ptr<background_task_base::process> background_task_base::started() const {
  return std::make_unique<process>(make_, clock_);
}

// The parent's thread can be neither joined nor destroyed here. The list is there for leak checkers.
void background_task_base::in_child() noexcept {
  static constinit process* abandoned = nullptr;
  if (here_ != nullptr) {
    here_->abandoned_before = abandoned;
    abandoned = here_.release();
  }
  if (is_stopped_.load(std::memory_order_relaxed)) return;
  call_guarded([&] { here_ = started(); });
}

}  // namespace querytap::detail
