// Each scheduled call has a thread of its own: one that hangs is told to be overdue, and delays neither the others nor
// the end.

#include <runtime/common/call_scheduler.hpp>

#include <support/set_task_clock.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {

using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

/// What a call may wait at.
class gate {
 public:
  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

/// Is due every second, may take 100 ms, and writes down what it is told.
class noted_call final : public scheduled_call {
 public:
  noted_call(std::function<void()> call, std::string& notes, time_point due)
      : call_{std::move(call)}, notes_{notes}, due_{due} {}

  [[nodiscard]] time_point due() const override { return due_; }
  [[nodiscard]] std::chrono::nanoseconds limit() const override { return 100ms; }
  [[nodiscard]] std::function<void()> begin(time_point begun) override {
    notes_ += "begin ";
    due_ = begun + 1s;
    return call_;
  }
  void not_begun(time_point tried, const std::string& reason) override {
    notes_ += "not begun: " + reason + ' ';
    due_ = tried + 1s;
  }
  void overdue(time_point, time_point seen) override {
    notes_ += "overdue ";
    due_ = seen + 1s;
  }
  void ended(time_point, time_point) override { notes_ += "ended "; }

 private:
  std::function<void()> call_;
  std::string& notes_;
  time_point due_;
};

struct scheduler_lab {
  set_task_clock clock;
  background_thread thread{clock};
  std::unique_ptr<call_scheduler> scheduler = std::make_unique<call_scheduler>(thread);

  void add(std::function<void()> call, std::string& notes) {
    scheduler->add(std::make_unique<noted_call>(std::move(call), notes, clock.now()));
  }
  void step_after(std::chrono::nanoseconds passed) {
    clock.advance(passed);
    scheduler->step();
  }
  [[nodiscard]] bool steps_until(const std::string& notes, const std::string& wanted) {
    return became_true([&] {
      scheduler->step();
      return notes == wanted;
    });
  }
};

}  // namespace

TEST_CASE("a call is made when it is due, and its end is told", "[call_scheduler]") {
  scheduler_lab lab;
  std::string notes;
  lab.add([] {}, notes);
  CHECK(lab.scheduler->due() == lab.clock.now());
  CHECK(lab.steps_until(notes, "begin ended "));
  CHECK(lab.scheduler->due() == lab.clock.now() + 1s);
  lab.step_after(999ms);
  CHECK(notes == "begin ended ");
  lab.clock.advance(1ms);
  CHECK(lab.steps_until(notes, "begin ended begin ended "));
}

TEST_CASE("a call that throws ends like any other", "[call_scheduler]") {
  scheduler_lab lab;
  std::string notes;
  lab.add([] { throw 1; }, notes);
  CHECK(lab.steps_until(notes, "begin ended "));
}

TEST_CASE("a call that cannot be made is told why", "[call_scheduler]") {
  class impossible_call final : public scheduled_call {
   public:
    explicit impossible_call(std::string& notes) : notes_{notes} {}
    [[nodiscard]] time_point due() const override { return due_; }
    [[nodiscard]] std::chrono::nanoseconds limit() const override { return 100ms; }
    [[nodiscard]] std::function<void()> begin(time_point) override {
      throw std::runtime_error{"no memory"};
    }
    void not_begun(time_point tried, const std::string& reason) override {
      notes_ += reason;
      due_ = tried + 1s;
    }
    void overdue(time_point, time_point) override {}
    void ended(time_point, time_point) override {}

   private:
    std::string& notes_;
    time_point due_ = time_point::min();
  };
  scheduler_lab lab;
  std::string notes;
  lab.scheduler->add(std::make_unique<impossible_call>(notes));
  lab.scheduler->step();
  CHECK(notes == "no memory");
  CHECK(lab.scheduler->due() == lab.clock.now() + 1s);
}

TEST_CASE("a call that hangs is overdue, again and again, and is not made a second time",
          "[call_scheduler]") {
  scheduler_lab lab;
  std::string notes;
  gate held;
  lab.add([&] { held.pass(); }, notes);
  lab.step_after(0s);
  CHECK(lab.scheduler->due() == lab.clock.now() + 100ms);
  lab.step_after(99ms);
  CHECK(notes == "begin ");
  lab.step_after(1ms);
  CHECK(notes == "begin overdue ");
  lab.step_after(999ms);
  CHECK(notes == "begin overdue ");
  lab.step_after(1ms);
  CHECK(notes == "begin overdue overdue ");
  held.open();
  CHECK(lab.steps_until(notes, "begin overdue overdue ended "));
}

TEST_CASE("a call that hangs delays no other", "[call_scheduler]") {
  scheduler_lab lab;
  std::string hanging_notes;
  std::string notes;
  gate held;
  lab.add([&] { held.pass(); }, hanging_notes);
  lab.add([] {}, notes);
  CHECK(lab.steps_until(notes, "begin ended "));
  lab.clock.advance(1s);
  CHECK(lab.steps_until(notes, "begin ended begin ended "));
  CHECK(hanging_notes == "begin overdue ");
  held.open();
  CHECK(lab.steps_until(hanging_notes, "begin overdue ended "));
}

TEST_CASE("the end waits for no call that is overdue, and the call ends later without harm",
          "[call_scheduler]") {
  scheduler_lab lab;
  std::string notes;
  auto held = std::make_shared<gate>();
  auto has_ended = std::make_shared<gate>();
  lab.add(
      [held, has_ended] {
        held->pass();
        has_ended->open();
      },
      notes);
  lab.step_after(0s);
  lab.step_after(100ms);
  lab.scheduler.reset();
  CHECK(notes == "begin overdue ");
  held->open();
  has_ended->pass();
}

TEST_CASE("the end waits for a call that is within its limit", "[call_scheduler]") {
  scheduler_lab lab;
  lab.clock.set(task_clock::steady().now() + 1h);  // the limit is far away
  std::string notes;
  auto held = std::make_shared<gate>();
  bool has_ended = false;
  lab.add(
      [held, &has_ended] {
        held->pass();
        has_ended = true;
      },
      notes);
  lab.step_after(0s);
  held->open();
  lab.scheduler.reset();
  CHECK(has_ended);
}
