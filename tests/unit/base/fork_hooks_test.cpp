// Hooks run around each fork in one order, and may come and go while they run.

#include <base/fork_hooks.hpp>

#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>

using namespace querytap::detail;
using querytap::testing::exit_code_of_child;

namespace {

/// Writes its name into a log at each step of a fork: `<a` before, `a>` in the parent, `a!` in the child.
class logging_hook final : public fork_hook {
 public:
  logging_hook(fork_stage stage, std::string name, std::string& log)
      : fork_hook{stage}, name_{std::move(name)}, log_{log} {
    add();
  }
  ~logging_hook() { remove(); }

  std::function<void()> on_child = [] {};

 private:
  void before_fork() noexcept override { log_ += '<' + name_ + ' '; }
  void in_parent() noexcept override { log_ += name_ + "> "; }
  void in_child() noexcept override {
    log_ += name_ + "! ";
    on_child();
  }

  const std::string name_;
  std::string& log_;
};

}  // namespace

TEST_CASE("hooks run by their stage, backwards before the fork, whenever they were added") {
  std::string log;
  const logging_hook task{fork_stage::tasks, "task", log};
  const logging_hook first{fork_stage::recorders, "first", log};
  const logging_hook lane{fork_stage::lanes, "lane", log};
  const logging_hook second{fork_stage::recorders, "second", log};
  CHECK(exit_code_of_child([&] {
          return log ==
                 "<task <lane <second <first "
                 "first! second! lane! task! ";
        }) == 0);
  CHECK(log ==
        "<task <lane <second <first "
        "first> second> lane> task> ");
}

TEST_CASE("a hook may remove itself, those before it and those after it while it runs") {
  std::string log;
  auto before = std::make_unique<logging_hook>(fork_stage::recorders, "before", log);
  auto self = std::make_unique<logging_hook>(fork_stage::lanes, "self", log);
  auto after = std::make_unique<logging_hook>(fork_stage::tasks, "after", log);
  const logging_hook last{fork_stage::tasks, "last", log};
  std::function<void()> remove_three = [&] {
    before.reset();
    after.reset();
    self.reset();
  };
  self->on_child = [&] { remove_three(); };
  CHECK(exit_code_of_child([&] {
          const bool is_skipped = log == "<last <after <self <before before! self! last! ";
          log.clear();
          const bool is_usable = exit_code_of_child([&] { return log == "<last last! "; }) == 0;
          return is_skipped && is_usable && log == "<last last> ";
        }) == 0);
  CHECK(log == "<last <after <self <before before> self> after> last> ");
  log.clear();
  CHECK(exit_code_of_child(
            [&] { return log == "<last <after <self <before before! self! last! "; }) == 0);
}

TEST_CASE("a hook that another adds runs from the next fork on, in its place") {
  std::string log;
  std::unique_ptr<logging_hook> added;
  logging_hook task{fork_stage::tasks, "task", log};
  task.on_child = [&] {
    if (added != nullptr) return;
    added = std::make_unique<logging_hook>(fork_stage::recorders, "added", log);
  };
  CHECK(exit_code_of_child([&] {
          const bool is_not_run = log == "<task task! ";
          log.clear();
          return is_not_run &&
                 exit_code_of_child([&] { return log == "<task <added added! task! "; }) == 0;
        }) == 0);
  CHECK(added == nullptr);
}

TEST_CASE("a hook that was removed is called by no fork") {
  std::string log;
  { const logging_hook ended{fork_stage::tasks, "ended", log}; }
  CHECK(exit_code_of_child([&] { return log.empty(); }) == 0);
  CHECK(log.empty());
}
