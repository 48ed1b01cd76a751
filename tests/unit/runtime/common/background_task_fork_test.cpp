// In the child of a fork a background task goes on, with a thread and a job of its own.

#include <runtime/common/background_task.hpp>

#include <support/fork.hpp>

using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

/// Steps when it is woken; a thread can wait for that.
class counting_job final : public background_job {
 public:
  explicit counting_job(background_thread& thread) : thread_{thread} {}

  time_point due() override { return time_point::max(); }
  void step() override {
    {
      const std::lock_guard lock{mutex_};
      ++steps_;
    }
    changed_.notify_all();
  }

  /// Whether the thread makes a step, which is the n-th.
  bool makes_step(int n) {
    thread_.wake();
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return steps_ == n; });
  }

 private:
  background_thread& thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int steps_ = 0;
};

const auto new_counting_job = [](background_thread& thread) {
  return std::make_unique<counting_job>(thread);
};

}  // namespace

TEST_CASE("the child of a fork, and its own child, start anew, and the parent goes on") {
  background_task<counting_job> task{new_counting_job};
  CHECK(task.job()->makes_step(1));
  CHECK(exit_code_of_child([&] {
          const bool child = task.job()->makes_step(1);
          const bool grandchild =
              exit_code_of_child([&] { return task.job()->makes_step(1); }) == 0;
          task.stop(0s);
          return child && grandchild;
        }) == 0);
  CHECK(task.job()->makes_step(2));
}

TEST_CASE("a task that was stopped before the fork stays so in the child") {
  background_task<counting_job> task{new_counting_job};
  task.stop(0s);
  CHECK(exit_code_of_child([&] {
          task.stop(0s);
          return task.job() == nullptr;
        }) == 0);
}

TEST_CASE("a task may end in the child of a fork") {
  auto task = std::make_unique<background_task<counting_job>>(new_counting_job);
  CHECK(exit_code_of_child([&] {
          task.reset();
          return exit_code_of_child([] { return true; }) == 0;
        }) == 0);
  CHECK(task->job()->makes_step(1));
}

TEST_CASE("forks amid steps leave children that work") {
  background_task<counting_job> task{new_counting_job};
  std::atomic<bool> is_done{false};
  std::thread waker{[&] {
    for (int n = 1; !is_done; ++n) task.job()->makes_step(n);
  }};
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    failed += exit_code_of_child([&] { return task.job()->makes_step(1); }) != 0;
  }
  is_done = true;
  waker.join();
  CHECK(failed == 0);
}
