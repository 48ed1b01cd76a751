// A service of fixed content whose page a browser is shown: everything that the page knows is there once, each text
// that can come from outside is an attack, and numbers move until stdin closes. Prints the port of its endpoint.
//
//     $ tests/browser/live_page_world
//     port 40123

#include <calls/reports/health_board.hpp>
#include <calls/reports/report_hub.hpp>
#include <calls/reports/source_board.hpp>

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <fmt/format.h>
#include <httplib.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

// `hacked` is what none of these may set.
constexpr std::string_view image = "<img src=x onerror=hacked=1>";
constexpr std::string_view script_end = "</script><script>hacked=2</script>";
constexpr std::string_view attribute_end = "\"><svg onload=hacked=3>";
constexpr std::string_view script_address = "javascript:hacked=4";
constexpr std::string_view from_right_to_left = "بحث في المستندات \u202e";

std::string long_word() { return std::string(300, 'w'); }

struct known_statement {
  backend called;
  std::string text;
};

std::vector<known_statement> statements_of(recorder& telemetry) {
  const backend postgres{telemetry,
                         {.system = "postgresql", .database = "chat", .server_address = "db.test"}};
  const backend sqlite{telemetry, {.system = "sqlite", .dialect = dialect::sqlite}};
  const backend mysql{telemetry, {.system = "mysql", .dialect = dialect::mysql}};
  const backend service{telemetry, {.system = "reranker", .kind = backend_kind::http}};
  std::vector<known_statement> list{
      {postgres, "select body from documents where id = $1"},
      {postgres, "update hits set count = count + 1 where id = $1"},
      {postgres, fmt::format("select a from \"{}\"", image)},
      {postgres, fmt::format("select b from \"{}\"", script_end)},
      {mysql, fmt::format("select c from `{}`", attribute_end)},
      {sqlite, fmt::format("select d from [{}]", script_address)},
      {sqlite, fmt::format("select e from \"{}\"", from_right_to_left)},
      {sqlite, fmt::format("select f from {} where g = ?", long_word())},
      {service, fmt::format("POST /{}", image)},
      {service, "POST /rerank"}};
  const std::vector<backend> databases{postgres, sqlite, mysql};
  for (std::size_t i = list.size(); i < 40; ++i) {
    list.push_back({databases[i % 3], fmt::format("select title from table_{} where id = 1", i)});
  }
  return list;
}

const outcome& failure_of(std::size_t number) {
  static const outcome failures[] = {outcome::error("23505", "23505"), outcome::error(image),
                                     outcome::error(attribute_end, "12"),
                                     outcome::error("57014", "57014", failure_kind::timeout)};
  return failures[number % std::size(failures)];
}

/// Says of every slow call how it is executed, and of every running one what it waits for.
class known_plans final : public server_inspector {
 public:
  [[nodiscard]] bool serves(const call_report& call) const override {
    return call.system == "postgresql";
  }
  [[nodiscard]] explained_statement explain(const call_report& /*call*/,
                                            deadline /*until*/) override {
    query_plan plan{.root = {.operation = "Sort",
                             .inputs = {{.operation = "Seq Scan",
                                         .table = "documents",
                                         .condition = fmt::format("id = ? and {}", image),
                                         .estimated_rows = 1000,
                                         .estimated_cost = 12.5}}},
                    .shape = 1};
    return {.plan = std::move(plan)};
  }
  [[nodiscard]] server_wait wait_of(const call_report& /*call*/, deadline /*until*/) override {
    return {.waits_for = fmt::format("Lock: {}", image), .is_lock = true};
  }
};

class world {
 public:
  world() {
    publish_health();
    publish_sources();
    publish_findings();
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return endpoint_.port(); }
  [[nodiscard]] manual_clock& time() noexcept { return clock_.time; }
  [[nodiscard]] recorder& telemetry() noexcept { return telemetry_; }
  [[nodiscard]] const known_statement& counted_hits() const { return statements_[1]; }

  /// What happens within ten seconds, of which it takes all.
  void serve_past_step() {
    const auto end = time().wall() + past_step;
    call_each(3ms);
    if (round_ % 12 == 0) {
      slow_call();
      answer_chat();
      answer(round_ % 24 == 0 ? image : attribute_end);
    }
    time().advance(end - time().wall());
  }

  /// The same in a tenth of a second.
  void serve() {
    const auto end = time().wall() + round;
    call_each(200us);
    if (round_ % 50 == 0) {
      answer_chat();
      answer(script_end);
    }
    time().advance(end - time().wall());
  }

  /// A quarter of an hour, in steps that the page's lines have.
  void live_through_the_past() {
    httplib::Client client{"127.0.0.1", port()};
    for (auto step = 0s; step < past; step += past_step) {
      serve_past_step();
      client.Get("/view?view=library");
    }
    watch_.look();
  }

  static constexpr std::chrono::minutes past{16};
  static constexpr std::chrono::seconds past_step{10};
  static constexpr std::chrono::milliseconds round{100};

 private:
  struct clock_of_world {
    clock_of_world() { time.advance(std::chrono::system_clock::now() - past - time.wall()); }
    manual_clock time;
  };

  void call_each(std::chrono::nanoseconds unit) {
    ++round_;
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      const known_statement& known = statements_[i];
      operation call{known.called.statement_for(known.text),
                     code_location{"src/store.cpp", static_cast<std::uint32_t>(10 + i), "find"}};
      time().advance(unit * (1 + (i + round_) % 4));
      call.enter(phase::fetch);
      call.rows(i * 10);
      time().advance(unit);
      if (i % 18 == 4 && round_ % 24 == 0) call.fail(failure_of(round_ / 24));
    }
  }

  void slow_call() {
    const code_location site{"src/<svg onload=hacked=5>.cpp", 7, "<img src=x onerror=hacked=6>"};
    const known_statement& known = statements_[round_ / 12 % 4];
    operation call{known.called.statement_for(known.text), site};
    time().advance(300ms);
    call.spent(phase::lock_wait, 100ms);
  }

  // Its documents one by one, with parameters that repeat.
  void answer_chat() {
    const request chat{telemetry_, "POST /chat"};
    for (std::uint64_t i = 0; i < 12; ++i) {
      operation call{statements_[0].called.statement_for(statements_[0].text),
                     code_location{"src/store.cpp", 42, "find"}};
      call.parameters(i % 6);
      time().advance(2ms);
    }
    time().advance(5ms);
  }

  void answer(std::string_view name) {
    request answered{telemetry_, name};
    {
      operation call{statements_[2].called.statement_for(statements_[2].text),
                     code_location{"src/answer.cpp", 9, "answer"}};
      time().advance(12ms);
      call.fail(failure_of(1));
    }
    time().advance(10ms);
    answered.fail(failure_of(1));
  }

  void publish_health() {
    const auto wall = time().wall();
    telemetry_.part<detail::health_board>().publish(
        this,
        {{.component = "postgresql", .status = health_status::pass, .since = wall, .time = wall},
         {.component = std::string{image},
          .needed_for = std::string{script_end},
          .status = health_status::fail,
          .since = wall,
          .reason = "nobody listens at " + std::string{attribute_end},
          .advice = "look at " + std::string{script_address},
          .time = wall,
          .latency = 2ms},
         {.component = "redis",
          .role = health_role::optional,
          .status = health_status::warn,
          .since = wall,
          .reason = std::string{from_right_to_left},
          .measurements = {{.name = "memory",
                            .status = health_status::warn,
                            .value = 0.95,
                            .unit = "1",
                            .limit = 0.9}},
          .time = wall,
          .is_flapping = true}});
  }

  void publish_sources() {
    const auto shared_statement = [&](std::size_t i) {
      return statements_[i].called.statement_for(statements_[i].text).shared_identity();
    };
    auto source = std::make_shared<source_report>(source_report{.name = "postgresql chat",
                                                                .state = source_state::fresh,
                                                                .time = time().wall(),
                                                                .duration = 3ms});
    source->statements = {{.server = {.statement = shared_statement(0),
                                      .database = "chat",
                                      .calls = 1200,
                                      .time = 2400ms,
                                      .rows = 3000,
                                      .blocks_read = 40},
                           .client_calls = 1000,
                           .client_time = 5s,
                           .remark = std::string{image}},
                          {.server = {.statement = shared_statement(3), .calls = 2, .time = 4ms}}};
    source->unavailable = {{"postgresql.io", "needs " + std::string{attribute_end}}};
    telemetry_.part<detail::source_board>().publish(
        this, {source, std::make_shared<source_report>(source_report{
                           .name = std::string{image}, .error = std::string{script_end}})});
  }

  void publish_findings() {
    auto& hub = telemetry_.part<detail::report_hub>();
    hub.publish(finding{
        .kind = finding_kind::missing_index,
        .system = "postgresql",
        .statement = statements_[3].called.statement_for(statements_[3].text).shared_identity(),
        .table = std::string{image},
        .message = "An index would serve " + std::string{attribute_end},
        .advice = "create index on " + std::string{script_end},
        .time = time().wall() + past});
    hub.publish(finding{.kind = finding_kind::budget_exceeded,
                        .tenant = std::string{image} + long_word(),
                        .message = "A tenant has spent more than its budget \u202e",
                        .time = time().wall() + past});
  }

  clock_of_world clock_;
  recorder telemetry_{{.service_name = "chat " + std::string{image},
                       .slow_request = 20ms,
                       .hung_after = 10min,
                       .time = &clock_.time,
                       .warn = [](std::string_view) {}}};
  std::vector<known_statement> statements_ = statements_of(telemetry_);
  query_watch watch_{telemetry_, {.plans = {std::make_shared<known_plans>()}}};
  scrape_endpoint endpoint_{telemetry_, {.listen = "127.0.0.1:0"}};
  std::uint64_t round_ = 0;
};

/// What lasts as long as the world: a call that runs, a request in flight, leases, and a caller that waits for one.
class held_by_others {
 public:
  explicit held_by_others(world& shown) : shown_{shown} {
    full_lease_ = std::make_unique<pool<int>::lease>(full_.acquire());
    caller_ = std::thread{[this] { call_until_end(); }};
    waiter_ = std::thread{[this] { static_cast<void>(full_.acquire()); }};
    begun_.get_future().wait();
  }
  held_by_others(const held_by_others&) = delete;
  held_by_others& operator=(const held_by_others&) = delete;
  ~held_by_others() {
    end_.set_value();
    caller_.join();
    full_lease_.reset();
    waiter_.join();
  }

 private:
  void call_until_end() {
    const request long_one{shown_.telemetry(), fmt::format("GET /{}", attribute_end)};
    const auto first = several_.acquire({"src/<img src=x onerror=hacked=7>.cpp", 3, "borrow"});
    const auto second = several_.acquire({"src/store.cpp", 8, "borrow"});
    const known_statement& known = shown_.counted_hits();
    const operation call{known.called.statement_for(known.text),
                         code_location{"src/hits.cpp", 5, "count"}};
    begun_.set_value();
    end_.get_future().wait();
  }

  world& shown_;
  pool<int> several_{shown_.telemetry(), {.name = "documents", .maximum = 4}, make};
  pool<int> full_{
      shown_.telemetry(),
      {.name = std::string{image}, .maximum = 1, .acquisition_timeout = std::chrono::hours{1}},
      make};
  static std::unique_ptr<int> make() { return std::make_unique<int>(); }

  std::unique_ptr<pool<int>::lease> full_lease_;
  std::promise<void> begun_;
  std::promise<void> end_;
  std::thread caller_;
  std::thread waiter_;
};

bool is_stdin_open() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char byte = 0;
  return poll(&input, 1, 20) == 0 || read(STDIN_FILENO, &byte, 1) > 0;
}

}  // namespace

int main() {
  world shown;
  shown.live_through_the_past();
  const held_by_others held{shown};
  std::puts(fmt::format("port {}", shown.port()).c_str());
  std::fflush(stdout);
  while (is_stdin_open()) {
    // Never ahead of the machine's clock, by which a browser measures how old the page is.
    while (std::chrono::system_clock::now() - shown.time().wall() > world::round) shown.serve();
  }
}
