// Health is what probes and calls found last: it never waits for a component, names the reason, tells of a change once,
// and asks nobody whose calls go well.

#include <runtime/health/health_job.hpp>

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/testing/capture.hpp>
#include <support/set_task_clock.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

/// Answers what a test says, and counts how often it is asked.
class told_probe final : public health_probe {
 public:
  health_answer look(deadline) override {
    ++asked;
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !hangs_; });
    if (!error_.empty()) throw probe_error{error_};
    return answer_;
  }

  bool looks_at_process_alone() const noexcept override { return true; }

  void say(health_answer answer, std::string error = {}) {
    const std::lock_guard lock{mutex_};
    answer_ = std::move(answer);
    error_ = std::move(error);
  }
  void fail(std::string error) { say({}, std::move(error)); }
  void hang(bool hangs) {
    const std::lock_guard lock{mutex_};
    hangs_ = hangs;
    changed_.notify_all();
  }

  std::atomic<int> asked{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  health_answer answer_;
  std::string error_;
  bool hangs_ = false;
};

/// Steps the checks through time, so that no test waits for any to pass.
class ward {
 public:
  explicit ward(health_options options) : options_{std::move(options)} {
    telemetry.time().advance(1h);  // the epoch stands for never
  }
  ~ward() {
    for (const auto& probe : probes) probe->hang(false);
  }
  ward(const ward&) = delete;
  ward& operator=(const ward&) = delete;

  /// With a probe of its own.
  told_probe& add(health_check check) {
    probes.push_back(std::make_shared<told_probe>());
    check.probe = probes.back();
    options_.checks.push_back(std::move(check));
    return *probes.back();
  }

  void add_check(health_check check) { options_.checks.push_back(std::move(check)); }

  void pass_time(std::chrono::nanoseconds passed) {
    clock_.advance(passed);
    telemetry.time().advance(passed);
    step();
  }
  void step() {
    if (job_ == nullptr) {
      job_ = std::make_unique<health_job>(thread_, telemetry.recorder(), options_,
                                          health_uses{options_.checks.size()}, this);
    }
    job_->step();
  }
  /// Waits until the probe that was begun has been seen to end.
  [[nodiscard]] bool settles() {
    return became_true([&] {
      step();
      return report().time == telemetry.time().wall();
    });
  }

  [[nodiscard]] health_report report(std::size_t place = 0) {
    return telemetry.recorder().part<health_board>().all().reports.at(place);
  }
  [[nodiscard]] std::vector<std::string> findings() {
    std::vector<std::string> messages;
    for (const auto& news : telemetry.recorder().collect().findings)
      messages.push_back(news->message);
    return messages;
  }

  capture telemetry;
  std::vector<std::shared_ptr<told_probe>> probes;

 private:
  health_options options_;
  set_task_clock clock_;
  background_thread thread_{clock_};
  std::unique_ptr<health_job> job_;
};

/// Looks every time that half of the interval has passed, and decides at once.
health_check check_of(std::string component) {
  return {.component = std::move(component),
          .needed_for = "answers",
          .interval = 10s,
          .time_limit = 1s,
          .failures = 1,
          .successes = 1};
}

/// Passes the time to the next look, and waits for its end.
bool next_answer(ward& all, told_probe& probe) {
  const int before = probe.asked;
  all.pass_time(6s);
  return became_true([&] { return probe.asked > before; }) && all.settles();
}

}  // namespace

TEST_CASE("before the first answer nothing is known, afterwards it is", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  redis.hang(true);
  all.step();
  CHECK(all.report().status == health_status::unknown);
  redis.hang(false);
  REQUIRE(all.settles());
  CHECK(all.report().status == health_status::pass);
  CHECK(all.report().reason.empty());
  CHECK(all.findings().empty());
}

TEST_CASE("a component that throws has failed for that reason, and is well again later",
          "[health]") {
  std::vector<std::string> changes;
  ward all{{.on_change = [&](const health_report& report) {
    changes.emplace_back(to_string(report.status));
  }}};
  told_probe& redis = all.add(check_of("redis"));
  all.step();
  REQUIRE(all.settles());
  redis.fail("nobody listens");
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::fail);
  CHECK(all.report().reason == "nobody listens");
  CHECK_THAT(all.report().advice, Catch::StartsWith("look at what this check"));
  CHECK(all.report().since == all.telemetry.time().wall());
  redis.say({});
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::pass);
  CHECK(all.report().reason.empty());
  CHECK(changes == std::vector<std::string>{"pass", "fail", "pass"});
  CHECK(all.findings() ==
        std::vector<std::string>{"redis, which is needed for answers, is well again, after 6.00 s",
                                 "redis, which is needed for answers, fails: nobody listens"});
}

TEST_CASE("the worst measurement is the status, with its value and its advice", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  redis.say({{{.name = "memory",
               .status = health_status::warn,
               .value = 0.95,
               .unit = "1",
               .limit = 0.9,
               .reason = "95 % of maxmemory is used",
               .advice = "raise maxmemory"},
              {.name = "clients", .status = health_status::pass, .value = 3}}});
  all.step();
  REQUIRE(all.settles());
  CHECK(all.report().status == health_status::warn);
  CHECK(all.report().reason == "95 % of maxmemory is used");
  CHECK(all.report().advice == "raise maxmemory");
  CHECK(all.report().measurements.size() == 2);
}

TEST_CASE("a probe that cannot find out leaves the component unknown, and says what", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  const health_answer lost{{{.name = "memory"}, {.name = "lag", .status = health_status::unknown}}};
  redis.say(lost);
  all.step();
  REQUIRE(all.settles());
  CHECK(all.report().status == health_status::unknown);
  CHECK(all.report().reason == "the probe could not find out: lag");
  CHECK(all.findings().empty());
  redis.say({});
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::pass);
  CHECK(all.findings().empty());
  redis.say(lost);
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::unknown);
  CHECK(all.findings() ==
        std::vector<std::string>{"redis, which is needed for answers, is not known to be well: the "
                                 "probe could not find out: lag"});
  redis.say({{{.name = "lag", .status = health_status::unknown},
              {.name = "role", .status = health_status::fail, .reason = "it is a replica"}}});
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::fail);
  CHECK(all.report().reason == "it is a replica");
}

TEST_CASE("another reason is another finding, and another number is not", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  all.step();
  REQUIRE(all.settles());
  const auto fail_and_recover = [&](const std::string& reason) {
    redis.fail(reason);
    REQUIRE(next_answer(all, redis));
    redis.say({});
    for (int i = 0; i < 20; ++i) REQUIRE(next_answer(all, redis));
  };
  const auto bad_news = [&] {
    std::size_t count = 0;
    for (const auto& news : all.telemetry.recorder().collect().findings) {
      if (news->kind == finding_kind::unhealthy) ++count;
    }
    return count;
  };
  fail_and_recover("the server did not answer within 340 ms");
  fail_and_recover("the server did not answer within 2.1 s");
  CHECK(bad_news() == 1);
  fail_and_recover("nothing listens at the server's address");
  CHECK(bad_news() == 2);
}

TEST_CASE("what a probe says is one line of text, whatever is in it", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  redis.say({{{.name = "memory",
               .status = health_status::fail,
               .reason = "full\n[+]redis ok\r\x1b[2J \xff\xc3\xa9",
               .advice = "look\nthere"}}});
  all.step();
  REQUIRE(all.settles());
  CHECK(all.report().reason == "full [+]redis ok  [2J \xEF\xBF\xBD\xc3\xa9");
  CHECK(all.report().advice == "look there");
  CHECK(all.report().measurements[0].reason == all.report().reason);
  redis.fail("gone\n[+]redis ok");
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().reason == "gone [+]redis ok");
}

TEST_CASE("the advice for a check of the process is not to look for a server", "[health]") {
  class asking_probe final : public health_probe {
   public:
    health_answer look(deadline) override { throw probe_error{"nobody listens"}; }
  };
  ward all{{}};
  all.add(check_of("worker")).fail("no job was done for a minute");
  health_check asking = check_of("server");
  asking.probe = std::make_shared<asking_probe>();
  all.add_check(asking);
  all.step();
  REQUIRE(all.settles());
  REQUIRE(became_true([&] {
    all.step();
    return all.report(1).status == health_status::fail;
  }));
  CHECK(all.report(0).advice ==
        "look at what this check of the application does, and at what it says");
  CHECK(all.report(1).advice == "see whether it runs, and whether it can be reached from here");
}

TEST_CASE("a change waits for as many answers as the check says, which follow each other fast",
          "[health]") {
  ward all{{}};
  health_check check = check_of("redis");
  check.failures = 3;
  told_probe& redis = all.add(check);
  all.step();
  REQUIRE(all.settles());
  redis.fail("nobody listens");
  REQUIRE(next_answer(all, redis));
  CHECK(all.report().status == health_status::pass);
  for (int i = 0; i < 2; ++i) {  // two more within a tenth of the interval
    const int before = redis.asked;
    all.pass_time(500ms);
    REQUIRE(became_true([&] { return redis.asked > before; }));
    REQUIRE(all.settles());
  }
  CHECK(all.report().status == health_status::fail);
  CHECK(all.findings().size() == 1);
}

TEST_CASE("a probe that hangs is failing since it began, and no other check waits for it",
          "[health]") {
  ward all{{}};
  told_probe& stuck = all.add(check_of("stuck"));
  told_probe& redis = all.add(check_of("redis"));
  stuck.hang(true);
  all.step();
  REQUIRE(became_true([&] {
    all.step();
    return all.report(1).status == health_status::pass && stuck.asked == 1;
  }));
  const auto begun = all.telemetry.time().wall();
  all.pass_time(2s);
  CHECK(all.report(0).status == health_status::fail);
  CHECK(all.report(0).hanging_since == begun);
  CHECK(all.report(0).reason ==
        "the probe hangs: it has been running for 2.00 s, and may take 1.00 s");
  const int before = redis.asked;
  all.pass_time(6s);
  CHECK(became_true([&] { return redis.asked > before; }));
  CHECK(stuck.asked == 1);
  stuck.hang(false);
  REQUIRE(became_true([&] {
    all.pass_time(1s);
    return all.report(0).status == health_status::pass;
  }));
  CHECK(all.report(0).hanging_since == std::chrono::system_clock::time_point{});
}

TEST_CASE("a component that fails every second time has one finding", "[health]") {
  ward all{{}};
  health_check check = check_of("redis");
  check.failures = 3;
  check.successes = 2;
  told_probe& redis = all.add(check);
  all.step();
  REQUIRE(all.settles());
  for (int i = 0; i < 30; ++i) {
    if (i % 2 == 0) {
      redis.fail("nobody listens");
    } else {
      redis.say({});
    }
    REQUIRE(next_answer(all, redis));
  }
  CHECK(all.report().status == health_status::warn);
  CHECK(all.report().is_flapping);
  CHECK(all.report().reason == "10 of the last 20 answers were bad; the last time: nobody listens");
  REQUIRE(all.findings().size() == 1);
  CHECK(
      all.findings()[0] ==
      "redis, which is needed for answers, is well and not well by turns: 3 of the last 6 answers "
      "were bad, the last one because nobody listens");
}

TEST_CASE("a component whose calls go well is not asked, and is asked once they do not",
          "[health]") {
  ward all{{}};
  health_check check = check_of("store");
  check.traffic = {{"db.system.name", "sqlite"}};
  told_probe& probe = all.add(check);
  const backend store{all.telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  const auto call = [&](int count, bool fails) {
    for (int i = 0; i < count; ++i) {
      operation made{store.statement_for("select 1")};
      if (fails) made.fail(outcome::error("IOERR"));
    }
  };
  all.step();  // of what was called before the first look, nothing is known
  REQUIRE(all.settles());
  CHECK(probe.asked == 1);
  for (int i = 0; i < 4; ++i) {
    call(20, false);
    all.pass_time(6s);
  }
  CHECK(probe.asked == 1);
  CHECK(all.report().status == health_status::pass);
  CHECK(all.report().is_passive);

  call(40, true);
  all.pass_time(6s);
  CHECK(became_true([&] { return probe.asked == 2; }));
  REQUIRE(all.settles());
  CHECK_FALSE(all.report().is_passive);
  // It answers, so that failed calls alone are a warning.
  CHECK(all.report().status == health_status::warn);
  CHECK(all.report().reason ==
        "40 of 120 calls in the last minute failed, most of them with IOERR");
}

TEST_CASE("without calls a component is asked, and with always_probes it is in any case",
          "[health]") {
  ward all{{}};
  health_check quiet = check_of("quiet");
  quiet.traffic = {{"db.system.name", "sqlite"}};
  told_probe& first = all.add(quiet);
  health_check busy = check_of("busy");
  busy.traffic = {{"db.system.name", "redis"}};
  busy.always_probes = true;
  told_probe& second = all.add(busy);
  const backend cache{all.telemetry.recorder(), {.system = "redis", .dialect = dialect::redis}};
  for (int i = 0; i < 20; ++i) operation{cache.statement_for("PING")}.finish();
  all.step();
  CHECK(became_true([&] { return first.asked == 1 && second.asked == 1; }));
}

TEST_CASE("calls alone tell of a component that nobody can ask", "[health]") {
  capture telemetry;
  const backend model{telemetry.recorder(), {.system = "redis", .dialect = dialect::redis}};
  const health_options options{
      .checks = {{.component = "model", .traffic = {{"db.system.name", "redis"}}, .failures = 1}}};
  set_task_clock clock;
  background_thread thread{clock};
  health_job job{thread, telemetry.recorder(), options, health_uses{options.checks.size()},
                 &options};
  const auto status = [&] {
    return telemetry.recorder().part<health_board>().all().reports[0].status;
  };
  job.step();
  // Nothing speaks against it, and no traffic would come to a process that is not ready.
  CHECK(status() == health_status::pass);
  for (int i = 0; i < 10; ++i)
    operation{model.statement_for("PING")}.fail(outcome::error("timeout"));
  clock.advance(6s);
  telemetry.time().advance(6s);
  job.step();
  CHECK(status() == health_status::fail);
}

TEST_CASE("whatever a probe throws is a failure, with what it says", "[health]") {
  ward all{{}};
  health_check check = check_of("odd");
  check.probe = make_probe([](health_probe::deadline) -> health_answer { throw 42; });
  all.add_check(check);
  all.step();
  REQUIRE(all.settles());
  CHECK(all.report().status == health_status::fail);
  CHECK(all.report().reason == "something was thrown that is no std::exception");
}

TEST_CASE("checks that have stopped looking know nothing any more", "[health]") {
  ward all{{}};
  all.add(check_of("redis"));
  all.step();
  REQUIRE(all.settles());
  all.telemetry.time().advance(25s);
  CHECK(all.report().status == health_status::pass);
  all.telemetry.time().advance(10s);  // on_change does not return, say
  CHECK(all.report().status == health_status::unknown);
  CHECK_THAT(all.report().reason, Catch::StartsWith("the checks have stopped"));
}

TEST_CASE("checks that have stopped leave no metric as it was, but for a process found dead",
          "[health]") {
  ward all{{}};
  all.add(check_of("redis"));
  health_check of_worker = check_of("worker");
  of_worker.role = health_role::liveness;
  all.add(of_worker).fail("it is stuck");
  all.step();
  REQUIRE(all.settles());
  REQUIRE(became_true([&] {
    all.step();
    return all.report(1).status == health_status::fail;
  }));
  all.telemetry.time().advance(1min);
  CHECK(all.report(0).status == health_status::unknown);
  CHECK(all.report(1).status == health_status::fail);
  CHECK(all.report(1).reason == "it is stuck");
  CHECK(all.telemetry.text("querytap.health.status") ==
        "querytap.component=redis querytap.health.status=fail value=0\n"
        "querytap.component=redis querytap.health.status=pass value=0\n"
        "querytap.component=redis querytap.health.status=unknown value=1\n"
        "querytap.component=redis querytap.health.status=warn value=0\n"
        "querytap.component=worker querytap.health.status=fail value=1\n"
        "querytap.component=worker querytap.health.status=pass value=0\n"
        "querytap.component=worker querytap.health.status=unknown value=0\n"
        "querytap.component=worker querytap.health.status=warn value=0");
}

TEST_CASE("a process that drains is drained to its end, whichever health objects come and go",
          "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto is_draining = [&] { return telemetry.part<health_board>().all().is_draining; };
  {
    health checks{telemetry, {}};
    { const health other{telemetry, {}}; }
    CHECK_FALSE(is_draining());
    checks.drain();
    { const health other{telemetry, {}}; }
    CHECK(is_draining());
  }
  CHECK(is_draining());
}

TEST_CASE("health is told for a recorder that is disabled, too", "[health]") {
  recorder telemetry{{.service_name = "chatbot", .disabled = true}};
  const auto probe = std::make_shared<told_probe>();
  const health checks{telemetry, {.checks = {{.component = "redis", .probe = probe}}}};
  CHECK(became_true([&] {
    return !checks.reports().empty() && checks.reports()[0].status == health_status::pass;
  }));
}

TEST_CASE("what is known is shown before a callback is told, however long that takes", "[health]") {
  health_status shown = health_status::unknown;
  ward* looked_after = nullptr;
  ward all{{.on_change = [&](const health_report&) { shown = looked_after->report().status; }}};
  looked_after = &all;
  told_probe& redis = all.add(check_of("redis"));
  redis.fail("nobody listens");
  all.step();
  REQUIRE(all.settles());
  CHECK(shown == health_status::fail);
}

TEST_CASE("status and duration are metrics", "[health]") {
  ward all{{}};
  told_probe& redis = all.add(check_of("redis"));
  redis.fail("nobody listens");
  all.step();
  REQUIRE(all.settles());
  CHECK(all.telemetry.text("querytap.health.status") ==
        "querytap.component=redis querytap.health.status=fail value=1\n"
        "querytap.component=redis querytap.health.status=pass value=0\n"
        "querytap.component=redis querytap.health.status=unknown value=0\n"
        "querytap.component=redis querytap.health.status=warn value=0");
  CHECK_THAT(all.telemetry.text("querytap.health.duration"),
             Catch::Contains("querytap.component=redis count=1"));
}

TEST_CASE("a health object with a thread of its own finds out by itself, and ends at once",
          "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto stuck = std::make_shared<told_probe>();
  const auto well = std::make_shared<told_probe>();
  stuck->hang(true);
  {
    health checks{telemetry,
                  {.checks = {{.component = "stuck", .probe = stuck, .time_limit = 10ms},
                              {.component = "well", .probe = well, .interval = 20ms}}}};
    REQUIRE(became_true([&] {
      const auto reports = checks.reports();
      return reports[0].status == health_status::fail && reports[1].status == health_status::pass &&
             well->asked > 3;
    }));
    CHECK(telemetry.collect().health.size() == 2);
  }
  CHECK(telemetry.collect().health.empty());
  stuck->hang(false);
}

TEST_CASE(
    "systemd hears that the service is ready and lives, and nothing while a check of the process "
    "fails",
    "[health]") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("notify" + std::to_string(getpid()));
  const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  setenv("WATCHDOG_USEC", "20000000", 1);
  const auto heard = [&] {
    std::string all;
    char text[64];
    while (true) {
      const ssize_t size = recv(listener, text, sizeof text, MSG_DONTWAIT);
      if (size <= 0) return all;
      all += std::string{text, static_cast<std::size_t>(size)} + ' ';
    }
  };
  {
    ward all{{.notify_systemd = true}};
    health_check check = check_of("worker");
    check.role = health_role::liveness;
    told_probe& worker = all.add(check);
    all.step();
    REQUIRE(all.settles());
    CHECK(heard() == "WATCHDOG=1 READY=1 ");
    worker.fail("it is stuck");
    REQUIRE(next_answer(all, worker));
    CHECK(heard().empty());
    all.pass_time(10s);
    CHECK(heard().empty());
    recorder telemetry{{.service_name = "chatbot"}};
    health{telemetry, {}}.drain();
    CHECK(heard().empty());
    health{telemetry, {.notify_systemd = true}}.drain();
    CHECK_THAT(heard(), Catch::Contains("STOPPING=1"));
  }
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  close(listener);
  std::filesystem::remove(path);
}

TEST_CASE("no check of a server, or of the calls to one, can decide whether the process is alive",
          "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto verdict_on = [&](std::shared_ptr<health_probe> probe, attributes traffic = {}) {
    try {
      const health checks{telemetry,
                          {.checks = {{.component = "documents",
                                       .role = health_role::liveness,
                                       .probe = std::move(probe),
                                       .traffic = std::move(traffic)}}}};
      return std::string{"accepted"};
    } catch (const configuration_error& error) {
      return std::string{error.what()};
    }
  };
  const std::string refused =
      "querytap: option 'role' = 'liveness': health check 'documents': expected the role readiness "
      "or optional, since its ";
  const std::string reason = " more than this process, and a restart would not mend it";
  // A probe that says nothing of itself may ask anybody.
  class own_probe final : public health_probe {
    health_answer look(deadline) override { return {}; }
  };
  const auto calls = attributes{{"db.system.name", "postgresql"}};
  CHECK(verdict_on(std::make_shared<own_probe>()) == refused + "probe asks" + reason);
  CHECK(verdict_on(nullptr, calls) == refused + "calls show" + reason);
  const auto function = make_probe([](health_probe::deadline) { return health_answer{}; });
  CHECK(verdict_on(function, calls) == refused + "calls show" + reason);
  CHECK(verdict_on(function) == "accepted");
}

TEST_CASE("checks that cannot be used are refused, by name", "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto message_of = [&](std::vector<health_check> checks) {
    try {
      const health refused{telemetry, {.checks = std::move(checks)}};
      return std::string{"accepted"};
    } catch (const configuration_error& error) {
      return std::string{error.what()};
    }
  };
  const auto probe = std::make_shared<told_probe>();
  CHECK(message_of({{.probe = probe}}) ==
        "querytap: option 'component' = '': health check: expected a name");
  CHECK(message_of({{.component = "redis"}}) ==
        "querytap: option 'probe' = 'null': health check 'redis': expected a probe, or the labels "
        "of calls");
  CHECK(message_of({{.component = "redis", .probe = probe, .interval = 0ms}}) ==
        "querytap: option 'interval' = '0 ms': health check 'redis': expected more than 0 ms");
  CHECK(message_of({{.component = "redis", .probe = probe, .time_limit = -1ms}}) ==
        "querytap: option 'time_limit' = '-1 ms': health check 'redis': expected more than 0 ms");
  CHECK(message_of({{.component = "redis", .probe = probe, .slow_from = -1ms}}) ==
        "querytap: option 'slow_from' = '-1 ms': health check 'redis': expected 0 ms or more");
  CHECK(message_of({{.component = "redis", .probe = probe, .failures = 0}}) ==
        "querytap: option 'failures' = '0': health check 'redis': expected 1 or more");
  CHECK(message_of(
            {{.component = "redis", .probe = probe}, {.component = "redis", .probe = probe}}) ==
        "querytap: option 'component' = 'redis': health check: expected a name that no other check "
        "has");
}

TEST_CASE("the name of a component is one line", "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  for (const char* const name : {"redis\n[+]postgres", "redis\xff", "\tredis"}) {
    CHECK_THROWS_WITH(
        (health{telemetry,
                {.checks = {{.component = name, .probe = std::make_shared<told_probe>()}}}}),
        Catch::Contains("expected one line of UTF-8"));
  }
}

TEST_CASE("two health objects do not share the name of a component", "[health]") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto probe = std::make_shared<told_probe>();
  const health_options of_redis{.checks = {{.component = "redis", .probe = probe}}};
  {
    const health first{telemetry, of_redis};
    CHECK_THROWS_WITH((health{telemetry,
                              {.checks = {{.component = "cache", .probe = probe},
                                          {.component = "redis", .probe = probe}}}}),
                      "querytap: option 'component' = 'redis': health check: expected a name that "
                      "no other check has");
    CHECK_NOTHROW(health{telemetry, {.checks = {{.component = "cache", .probe = probe}}}});
  }
  CHECK_NOTHROW(health{telemetry, of_redis});
}
