// Four faults of three services, at the same time, with the real Prometheus and Alertmanager and the rules, routes and
// inhibitions of examples/ops: each alert arrives where it should, grouped by service, without those that it silences, and
// its end arrives too. The windows are those of the rules divided by 240, Alertmanager's times shorter: see below.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>

#include <ops/ops_servers.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fs = std::filesystem;
using namespace querytap::testing;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

const fs::path ops{QUERYTAP_SOURCE_DIR "/examples/ops"};

/// A service with a recorder and an endpoint, which can be cut off and come back.
class service {
 public:
  explicit service(const std::string& name)
      : recorder_{{.service_name = name}}, port_{free_port()} {
    connect();
  }

  void connect() {
    endpoint_.emplace(recorder_, querytap::scrape_endpoint_options{.listen = address()});
  }
  void cut_off() { endpoint_.reset(); }

  [[nodiscard]] querytap::recorder& recorder() { return recorder_; }
  [[nodiscard]] std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  querytap::recorder recorder_;
  int port_;
  std::optional<querytap::scrape_endpoint> endpoint_;
};

/// Calls something over and over, and lives through its exceptions.
class caller {
 public:
  caller(std::function<void()> call, std::chrono::milliseconds pause)
      : thread_{[this, call = std::move(call), pause] {
          while (!stops_) {
            try {
              call();
            } catch (const std::exception&) {  // counted by what was called
            }
            std::this_thread::sleep_for(pause);
          }
        }} {}
  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;
  ~caller() {
    stops_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

/// Its pool can be exhausted, and its statement slowed.
class shop {
 public:
  explicit shop(const postgres_server& database)
      : connection_{service_.recorder(), database.connection_string()} {}

  void exhaust_pool() { lease_.emplace(pool_.acquire()); }
  void give_back() { lease_.reset(); }
  void slow_down(bool is_slow) { is_slow_ = is_slow; }
  [[nodiscard]] const service& server() const { return service_; }

 private:
  void call_statement() {
    querytap::postgres::nontransaction{connection_}.exec_params("select pg_sleep($1)",
                                                                is_slow_ ? 0.3 : 0.001);
  }

  service service_{"shop"};
  querytap::postgres::connection connection_;
  querytap::pool<int> pool_{service_.recorder(),
                            {.name = "shop", .maximum = 1, .acquisition_timeout = 50ms},
                            [] { return std::make_unique<int>(); }};
  std::optional<querytap::pool<int>::lease> lease_;
  std::atomic<bool> is_slow_{false};
  caller statements_{[this] { call_statement(); }, 10ms};
  caller borrowers_{[this] { const auto lease = pool_.acquire(); }, 50ms};
};

/// Its database can be stopped. It connects for each call, so that it goes on calling.
class orders {
 public:
  explicit orders(const postgres_server& database)
      : connection_string_{database.connection_string()},
        collectors_{service_.recorder(),
                    {.sources = {std::make_shared<querytap::postgres_collector>(
                         querytap::postgres_collector_options{
                             .connection_string = connection_string_, .interval = 1s})}}} {}
  [[nodiscard]] const service& server() const { return service_; }
  void take_calls(bool takes) { takes_calls_ = takes; }

 private:
  void call_statement() {
    if (!takes_calls_) return;
    querytap::operation call{backend_.statement_for("select count(*) from orders")};
    pqxx::connection connection{connection_string_};
    pqxx::nontransaction{connection}.exec("select 1");
  }

  service service_{"orders"};
  querytap::backend backend_{service_.recorder(), {.system = "postgresql", .slow_threshold = 10s}};
  std::string connection_string_;
  querytap::collectors collectors_;
  std::atomic<bool> takes_calls_{true};
  caller statements_{[this] { call_statement(); }, 20ms};
};

constexpr const char* objectives = R"(
runbooks: https://runbooks.example.com/
limits: { least_events: 1, statement_slower: 10 }
services:
  - { job: shop, objectives: [ { name: statements, system: postgresql, availability: 99.9% } ] }
  - { job: orders }
  - { job: search }
)";

void make_rules(const fs::path& folder) {
  std::ofstream{folder / "objectives.yaml"} << objectives;
  const finished made = run({GENERATE_RULES_PROGRAM, "--faster", "240",
                             (folder / "objectives.yaml").string(), folder.string()});
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
}

std::string prometheus_configuration(
    const fs::path& rules, int alertmanager,
    const std::vector<std::pair<std::string, std::string>>& services) {
  std::string text = fmt::format(
      "global: {{scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}}\n"
      "rule_files: ['{0}/recording.yaml', '{0}/alerts.yaml']\n"
      "alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{1}']}}]}}]}}\n"
      "scrape_configs:\n",
      rules.string(), alertmanager);
  for (const auto& [job, address] : services) {
    text +=
        fmt::format("- {{job_name: {}, static_configs: [{{targets: ['{}']}}]}}\n", job, address);
  }
  return text;
}

void replace(std::string& text, const std::string& from, const std::string& with) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += with.size(), ++count) {
    text.replace(at, from.size(), with);
  }
  INFO(from);
  REQUIRE(count > 0);
}

/// The configuration that is checked in, with the test's receiver and shorter times.
void write_alertmanager_configuration(const fs::path& file, int receiver) {
  std::string text = read_text(ops / "alertmanager/alertmanager.yml");
  replace(text, "http://127.0.0.1:9099/", fmt::format("http://127.0.0.1:{}/", receiver));
  replace(text, "templates/*.tmpl", (ops / "alertmanager/templates/*.tmpl").string());
  replace(text, "group_wait: 30s", "group_wait: 10s");
  replace(text, "group_wait: 10s", "group_wait: 1s");
  replace(text, "group_interval: 5m", "group_interval: 1s");
  replace(text, "group_interval: 1m", "group_interval: 1s");
  replace(text, "mute_time_intervals: [ maintenance ]",
          "mute_time_intervals: []");  // also on Sundays
  std::ofstream{file} << text;
}

bool is_about(const notified_alert& item, const std::string& name, const std::string& job) {
  return item.label("alertname") == name && item.label("job") == job;
}

using time_point = steady_clock::time_point;

/// When a receiver heard of an alert, or of its end, for the first time after `begin`.
std::optional<time_point> time_of(const webhook_receiver& receiver, const std::string& name,
                                  const std::string& job, bool is_over, time_point begin) {
  for (const notified_alert& item : receiver.notified()) {
    if (item.time >= begin && is_about(item, name, job) && item.is_over() == is_over)
      return item.time;
  }
  return {};
}

struct expected_alert {
  const char* fault;
  const char* name;
  const char* job;
  const char* receiver;
};

constexpr expected_alert expected[] = {{"pool exhausted", "PoolExhausted", "shop", "/pager"},
                                       {"statement slowed", "StatementSlower", "shop", "/chat"},
                                       {"database stopped", "DatabaseDown", "orders", "/pager"},
                                       {"exporter cut off", "ServiceAbsent", "search", "/pager"}};

bool all_arrived(const webhook_receiver& receiver, bool is_over, time_point begin) {
  return std::ranges::all_of(expected, [&](const expected_alert& alert) {
    return time_of(receiver, alert.name, alert.job, is_over, begin).has_value();
  });
}

std::string summary_of(const webhook_receiver& receiver) {
  std::string text;
  for (const notified_alert& item : receiver.notified()) {
    text += fmt::format("{} {} {} {} {}\n", item.time.time_since_epoch() / 1ms, item.receiver,
                        item.label("job"), item.label("alertname"),
                        item.alert.at("status").get<std::string>());
  }
  return text;
}

template <class Condition>
void wait_for(const char* event, const webhook_receiver& receiver, Condition condition) {
  const auto deadline = steady_clock::now() + 60s;
  while (!condition()) {
    if (steady_clock::now() > deadline)
      FAIL("waited in vain until " << event << "\n" << summary_of(receiver));
    std::this_thread::sleep_for(100ms);
  }
}

bool is_inhibited(const alertmanager_server& alertmanager, const std::string& name,
                  const std::string& job) {
  for (const auto& alert : alertmanager.alerts()) {
    const auto& labels = alert.at("labels");
    if (labels.at("alertname") != name || labels.value("job", "") != job) continue;
    return !alert.at("status").at("inhibitedBy").empty();
  }
  return false;
}

void print_times(const webhook_receiver& receiver, steady_clock::time_point faults,
                 steady_clock::time_point repairs) {
  const auto seconds = [](steady_clock::duration time) {
    return std::chrono::duration<double>(time).count();
  };
  std::string text =
      "from the fault to its notification, and from the repair to its end, in seconds:\n";
  for (const expected_alert& alert : expected) {
    text += fmt::format(
        "  {:<17} {:<16} {:<7} {:6.1f} {:6.1f}\n", alert.fault, alert.name, alert.receiver,
        seconds(*time_of(receiver, alert.name, alert.job, false, faults) - faults),
        seconds(*time_of(receiver, alert.name, alert.job, true, repairs) - repairs));
  }
  std::fputs(text.c_str(), stdout);
}

}  // namespace

TEST_CASE("a pool, a database, a statement and an exporter fail: each alert arrives, and its end") {
  const postgres_server shops_database;
  postgres_server orders_database;
  shop first{shops_database};
  orders second{orders_database};
  service search{"search"};

  const temporary_folder folder;
  make_rules(folder.path());
  webhook_receiver receiver;
  write_alertmanager_configuration(folder.path() / "alertmanager.yml", receiver.port());
  const alertmanager_server alertmanager{folder.path() / "alertmanager.yml"};
  const configured_prometheus prometheus{
      prometheus_configuration(folder.path(), alertmanager.port(),
                               {{"shop", first.server().address()},
                                {"orders", second.server().address()},
                                {"search", search.address()}}),
      {"--rules.alert.resend-delay=1s"}};

  // 15 seconds, an hour by the rules' windows, until a statement has a past.
  wait_for("the statement has a past", receiver, [&] {
    return !prometheus.query("querytap_statement:duration_seconds:p95_median_1w{job=\"shop\"}")
                .at("data")
                .at("result")
                .empty();
  });
  wait_for("the watchdog has arrived, and nothing else fires", receiver, [&] {
    return time_of(receiver, "Watchdog", "", false, {}).has_value() &&
           alertmanager.alerts().size() == 1;
  });

  const auto faults = steady_clock::now();
  first.exhaust_pool();
  first.slow_down(true);
  // With the windows as they are shipped, errors are an alert after five minutes, and a dead server is after one. The
  // windows are divided by 240 here, the collector's interval by 15: so calls fail once the server is known to be dead.
  second.take_calls(false);
  orders_database.crash();
  search.cut_off();
  wait_for("all alerts arrive", receiver, [&] { return all_arrived(receiver, false, faults); });

  // The consequences are known, and held back.
  second.take_calls(true);
  wait_for("the statements of the dead server are inhibited", receiver,
           [&] { return is_inhibited(alertmanager, "DatabaseErrors", "orders"); });
  wait_for("the instance of the absent service is inhibited", receiver,
           [&] { return is_inhibited(alertmanager, "InstanceDown", "search"); });

  const auto repairs = steady_clock::now();
  first.give_back();
  first.slow_down(false);
  orders_database.recover();
  search.connect();
  wait_for("all ends arrive", receiver, [&] { return all_arrived(receiver, true, repairs); });
  print_times(receiver, faults, repairs);
  INFO("faults at " << faults.time_since_epoch() / 1ms << '\n' << summary_of(receiver));

  for (const notified_alert& item : receiver.notified()) {
    if (item.time < faults) continue;  // at the start, a service is absent until its first scrape
    INFO(std::chrono::duration<double>(item.time - faults).count()
         << " s after the faults, " << std::chrono::duration<double>(item.time - repairs).count()
         << " s after the repairs: " << item.alert.dump());
    CHECK_FALSE(is_about(item, "DatabaseErrors", "orders"));
    CHECK_FALSE(is_about(item, "InstanceDown", "search"));
    if (item.label("alertname") == "Watchdog") continue;
    // Grouped by service, and not in the wrong place.
    CHECK(item.group_labels.at("job") == item.label("job"));
    CHECK(item.receiver == (item.label("severity") == "critical" ? "/pager" : "/chat"));
  }
  for (const expected_alert& alert : expected) {
    INFO(alert.name);
    const auto all = receiver.notified();
    const auto found = std::ranges::find_if(all, [&](const notified_alert& item) {
      return item.time >= faults && is_about(item, alert.name, alert.job);
    });
    REQUIRE(found != all.end());
    CHECK(found->receiver == alert.receiver);
    CHECK(found->alert.at("annotations").at("runbook_url") ==
          std::string{"https://runbooks.example.com/"} + alert.name + ".md");
  }
}
