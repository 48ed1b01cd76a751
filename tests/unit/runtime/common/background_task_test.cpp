// A background task steps when it is due or woken, on a thread of its own, and ends when it is stopped.

#include <runtime/common/background_task.hpp>

#include <catch2/catch.hpp>

#include <signal.h>

#include <atomic>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace querytap::detail;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

/// A time that passes when a test says so.
class manual_task_clock final : public task_clock {
 public:
  [[nodiscard]] time_point now() const override {
    const std::lock_guard lock{mutex_};
    return now_;
  }

  void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  time_point until) override {
    {
      const std::lock_guard own_lock{mutex_};
      if (until <= now_) return;
      wait_ = {&changed, lock.mutex(), until};
    }
    waits_.notify_all();
    changed.wait(lock);
    const std::lock_guard own_lock{mutex_};
    wait_.reset();
  }

  void advance(std::chrono::nanoseconds duration) {
    std::unique_lock own_lock{mutex_};
    now_ += duration;
    const std::optional<wait> over = wait_;
    if (!over || over->until > now_) return;
    wait_.reset();
    own_lock.unlock();
    const std::lock_guard lock{*over->mutex};
    over->changed->notify_all();
  }

  /// How long the thread is going to wait, once it does.
  std::string wait_of_thread() {
    std::unique_lock lock{mutex_};
    if (!waits_.wait_for(lock, patience, [&] { return wait_.has_value(); })) return "no wait";
    if (wait_->until == time_point::max()) return "for ever";
    return std::to_string((wait_->until - now_) / 1ms) + " ms";
  }

 private:
  struct wait {
    std::condition_variable* changed;
    std::mutex* mutex;
    time_point until;
  };

  mutable std::mutex mutex_;
  std::condition_variable waits_;
  time_point now_{1h};
  std::optional<wait> wait_;
};

/// What a job has done so far, which a test may wait for.
class job_log {
 public:
  void add(const std::string& entry) {
    {
      const std::lock_guard lock{mutex_};
      entries_.push_back(entry);
    }
    changed_.notify_all();
  }

  /// The entries, once there are so many of them.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [&] { return entries_.size() >= count; });
    return entries_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
};

class logging_job final : public background_job {
 public:
  logging_job(background_thread& thread, job_log& log) : thread_{thread}, log_{log} {}

  void begin() override { log_.add("begin"); }
  time_point due() override { return interval ? thread_.now() + *interval : time_point::max(); }
  void step() override {
    log_.add("step");
    on_step(thread_);
  }
  void end_by(time_point deadline) noexcept override {
    log_.add("end by " + std::to_string((deadline - thread_.now()) / 1ms) + " ms");
  }
  void finish(time_point deadline) override {
    log_.add("finish by " + std::to_string((deadline - thread_.now()) / 1ms) + " ms");
  }

  std::optional<std::chrono::milliseconds> interval = 250ms;
  std::function<void(background_thread&)> on_step = [](background_thread&) {};

 private:
  background_thread& thread_;
  job_log& log_;
};

using entries = std::vector<std::string>;

/// A stop calls end_by() while the thread may be in finish() already.
entries sorted(entries unordered) {
  std::ranges::sort(unordered);
  return unordered;
}

}  // namespace

TEST_CASE("a step is made whenever it is due, and not before", "[background_task]") {
  manual_task_clock time;
  job_log log;
  const background_task<logging_job> task{
      [&](background_thread& thread) { return std::make_unique<logging_job>(thread, log); }, time};
  CHECK(time.wait_of_thread() == "250 ms");
  time.advance(249ms);
  CHECK(time.wait_of_thread() == "1 ms");
  CHECK(log.wait_for(1) == entries{"begin"});
  time.advance(1ms);
  CHECK(log.wait_for(2) == entries{"begin", "step"});
  CHECK(time.wait_of_thread() == "250 ms");
  time.advance(10s);
  CHECK(log.wait_for(3) == entries{"begin", "step", "step"});
}

TEST_CASE("a step is made when the thread is woken, also during another step",
          "[background_task]") {
  manual_task_clock time;
  job_log log;
  background_thread* thread_of_task = nullptr;
  const background_task<logging_job> task{
      [&](background_thread& thread) {
        thread_of_task = &thread;
        auto job = std::make_unique<logging_job>(thread, log);
        job->interval = std::nullopt;
        job->on_step = [woken = false](background_thread& own) mutable {
          if (!std::exchange(woken, true)) own.wake();
        };
        return job;
      },
      time};
  CHECK(time.wait_of_thread() == "for ever");
  thread_of_task->wake();
  CHECK(log.wait_for(3) == entries{"begin", "step", "step"});
}

TEST_CASE("a stop hands its deadline to the job, and only the first one does anything",
          "[background_task]") {
  manual_task_clock time;
  job_log log;
  background_task<logging_job> task{
      [&](background_thread& thread) { return std::make_unique<logging_job>(thread, log); }, time};
  CHECK(time.wait_of_thread() == "250 ms");
  task.stop(2s);
  task.stop(1s);
  CHECK(sorted(log.wait_for(3)) == entries{"begin", "end by 2000 ms", "finish by 2000 ms"});
}

TEST_CASE("the end of a task stops it without time for what is left", "[background_task]") {
  manual_task_clock time;
  job_log log;
  {
    const background_task<logging_job> task{
        [&](background_thread& thread) { return std::make_unique<logging_job>(thread, log); },
        time};
    CHECK(log.wait_for(1) == entries{"begin"});
  }
  CHECK(sorted(log.wait_for(3)) == entries{"begin", "end by 0 ms", "finish by 0 ms"});
}

TEST_CASE("a stop ends the pause of a step", "[background_task]") {
  manual_task_clock time;
  job_log log;
  background_task<logging_job> task{
      [&](background_thread& thread) {
        auto job = std::make_unique<logging_job>(thread, log);
        job->on_step = [&log](background_thread& own) {
          log.add(own.pause_until(own.now() + 10s) ? "paused" : "stopped");
          log.add(own.pause_until(own.now() + 1h) ? "paused" : "stopped");
          log.add(own.is_stopping() ? "is stopping" : "goes on");
        };
        return job;
      },
      time};
  CHECK(time.wait_of_thread() == "250 ms");
  time.advance(250ms);
  CHECK(log.wait_for(2) == entries{"begin", "step"});
  CHECK(time.wait_of_thread() == "10000 ms");
  time.advance(10s);
  CHECK(log.wait_for(3) == entries{"begin", "step", "paused"});
  CHECK(time.wait_of_thread() == "3600000 ms");
  task.stop(1s);
  const entries all = log.wait_for(7);
  CHECK(all.size() == 7);
  CHECK(std::ranges::count(all, "stopped") == 1);
  CHECK(std::ranges::count(all, "is stopping") == 1);
  CHECK(std::ranges::count(all, "finish by 1000 ms") == 1);
}

TEST_CASE("a step that throws, whatever it throws, ends nothing", "[background_task]") {
  const auto step = GENERATE(
      +[](background_thread&) { throw std::runtime_error{"no"}; },
      +[](background_thread&) { throw 42; });
  manual_task_clock time;
  job_log log;
  const background_task<logging_job> task{[&](background_thread& thread) {
                                            auto job = std::make_unique<logging_job>(thread, log);
                                            job->on_step = step;
                                            return job;
                                          },
                                          time};
  for (std::size_t steps = 1; steps <= 2; ++steps) {
    CHECK(time.wait_of_thread() == "250 ms");
    time.advance(250ms);
    CHECK(log.wait_for(1 + steps).size() == 1 + steps);
  }
}

TEST_CASE("what the application's signals do, they do in its own threads", "[background_task]") {
  manual_task_clock time;
  job_log log;
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const background_task<logging_job> task{
      [&](background_thread& thread) {
        auto job = std::make_unique<logging_job>(thread, log);
        job->on_step = [&log](background_thread&) {
          sigset_t own;
          pthread_sigmask(SIG_SETMASK, nullptr, &own);
          for (const int signal : {SIGTERM, SIGPIPE, SIGUSR1, SIGSEGV}) {
            log.add(sigismember(&own, signal) == 1 ? "blocked" : "open");
          }
        };
        return job;
      },
      time};
  CHECK(time.wait_of_thread() == "250 ms");
  time.advance(250ms);
  CHECK(log.wait_for(6) == entries{"begin", "step", "blocked", "blocked", "blocked", "open"});
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM));
}

TEST_CASE("a crash of a callback reaches the application's handler", "[background_task]") {
  static std::atomic<int> caught;
  caught = 0;
  struct sigaction handler {};
  struct sigaction before {};
  handler.sa_handler = [](int signal) { caught = signal; };
  // Without SIGSEGV, which sanitizers handle themselves; that it is open, the case before holds.
  for (const int signal : {SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    REQUIRE(sigaction(signal, &handler, &before) == 0);
    manual_task_clock time;
    job_log log;
    {
      const background_task<logging_job> task{
          [&](background_thread& thread) {
            auto job = std::make_unique<logging_job>(thread, log);
            job->on_step = [signal](background_thread&) { raise(signal); };
            return job;
          },
          time};
      CHECK(time.wait_of_thread() == "250 ms");
      time.advance(250ms);
      CHECK(time.wait_of_thread() == "250 ms");  // once the step is over
    }
    sigaction(signal, &before, nullptr);
    CHECK(caught == signal);
  }
}

TEST_CASE("a job that cannot be made leaves no task", "[background_task]") {
  const auto throwing = [](background_thread&) -> std::unique_ptr<logging_job> {
    throw std::runtime_error{"no job"};
  };
  CHECK_THROWS_WITH(background_task<logging_job>{throwing}, "no job");
}
