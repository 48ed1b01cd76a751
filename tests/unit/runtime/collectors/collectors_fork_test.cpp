// In the child of a fork no source is asked that a thread was inside when it forked, and what is not asked is said.

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <support/fork.hpp>
#include <support/wait.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

constexpr instrument jobs_in_queue{"test.queue.length", "{job}", instrument_kind::gauge, "Jobs."};

enum class held_in : std::uint8_t { nothing, collect, calls_to_join };

/// Holds a lock until it may go on, in one of its functions; the others take the lock too.
class locked_collector final : public collector {
 public:
  locked_collector(std::string name, held_in stays) : name_{std::move(name)}, stays_{stays} {}

  [[nodiscard]] std::string name() const override {
    const std::lock_guard lock{mutex_};
    return name_;
  }
  [[nodiscard]] std::chrono::nanoseconds interval() const override {
    const std::lock_guard lock{mutex_};
    return 1h;
  }
  [[nodiscard]] attributes calls_to_join() const override {
    const std::lock_guard lock{mutex_};
    stay(held_in::calls_to_join);
    return {};
  }
  void collect(collected& found, deadline) override {
    const std::lock_guard lock{mutex_};
    stay(held_in::collect);
    found.add(jobs_in_queue, 3, {{"queue", name_}});
  }

  mutable std::counting_semaphore<> is_inside{0};
  mutable std::counting_semaphore<> may_return{0};

 private:
  void stay(held_in function) const {
    if (stays_ != function) return;
    is_inside.release();
    may_return.acquire();
  }

  const std::string name_;
  const held_in stays_;
  mutable std::mutex mutex_;
};

/// What is told of each source: its state, how many values it has, and why it has none.
std::string told_of_sources(recorder& telemetry) {
  std::string text;
  for (const auto& source : telemetry.collect().sources) {
    text += source->name + ' ' + std::string{to_string(source->state)} + ' ' +
            std::to_string(source->metrics.size()) + ' ' + source->error + '\n';
  }
  return text;
}

const std::string why_not_asked =
    "this process was forked off while the source was being asked, and does not ask it: make the "
    "collectors after the fork";

}  // namespace

TEST_CASE(
    "a source that was being asked at a fork is absent in the child, and the others are not") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto asked = std::make_shared<locked_collector>("asked", held_in::collect);
  const auto other = std::make_shared<locked_collector>("other", held_in::nothing);
  std::optional<collectors> sources;
  sources.emplace(telemetry, collectors_options{.sources = {asked, other}});
  REQUIRE(asked->is_inside.try_acquire_for(10s));
  const std::string before_fork = "asked waiting 0 \nother fresh 1 \n";
  REQUIRE(became_true([&] { return told_of_sources(telemetry) == before_fork; }));
  const std::string expected = "asked absent 0 " + why_not_asked + "\nother fresh 1 \n";
  const auto is_told = [&] { return told_of_sources(telemetry) == expected; };
  CHECK(exit_code_of_child([&] {
          sources->ask_now();
          if (!is_told()) return false;
          const bool grandchild = exit_code_of_child([&] { return became_true(is_told); }) == 0;
          sources.reset();
          return grandchild;
        }) == 0);
  asked->may_return.release(1000);
  sources->ask_now();
  CHECK(told_of_sources(telemetry) == "asked fresh 1 \nother fresh 1 \n");
}

TEST_CASE("a source whose calls were being asked for at a fork holds up nothing in the child") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto asked = std::make_shared<locked_collector>("asked", held_in::calls_to_join);
  std::optional<collectors> sources;
  sources.emplace(telemetry, collectors_options{.sources = {asked}});
  REQUIRE(asked->is_inside.try_acquire_for(10s));
  CHECK(exit_code_of_child([&] {
          sources->ask_now();
          const bool is_told =
              told_of_sources(telemetry) == "asked absent 0 " + why_not_asked + '\n';
          sources.reset();
          return is_told;
        }) == 0);
  asked->may_return.release(1000);
}
