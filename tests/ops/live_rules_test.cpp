// The rules of examples/ops, and the queries of its runbooks, run on what the chatbot really exports: at Prometheus with
// classic and with native histograms, and at VictoriaMetrics. None fails, and none is empty without a reason.

#include <ops/ops_servers.hpp>
#include <support/child_process.hpp>
#include <support/wait.hpp>

#include <yaml-cpp/yaml.h>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace fs = std::filesystem;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

const fs::path ops{QUERYTAP_SOURCE_DIR "/examples/ops"};

/// The chatbot on SQLite under load.
class loaded_chatbot {
 public:
  loaded_chatbot() {
    fs::create_directory(folder_.path() / "corpus");
    for (const char* name : {"pipe", "fork", "mmap", "open"}) {
      std::ofstream{folder_.path() / "corpus" / (std::string{name} + ".md")}
          << "# " << name << "\n\nThe call " << name << " does what it is known for.\n";
    }
    process_ = std::make_unique<child_process>(
        std::vector<std::string>{RAG_CHATBOT_PROGRAM, "--corpus",
                                 (folder_.path() / "corpus").string(), "--database",
                                 (folder_.path() / "chat.db").string(), "--listen", "127.0.0.1:0",
                                 "--metrics", address(), "--load-seconds", "120", "--rate", "20",
                                 "--users", "4", "--plant", "n_plus_one,missing_index"},
        child_options{.output = folder_.path() / "log"});
  }
  [[nodiscard]] std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

/// The rules with windows divided by 60, in a folder.
void make_rules(const fs::path& folder, const std::string& store) {
  const finished made = run({GENERATE_RULES_PROGRAM, "--faster", "60", "--store", store,
                             (ops / "objectives.yaml").string(), folder.string()});
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
}

std::string scrape_configuration(const std::string& target) {
  return fmt::format(
      "scrape_configs:\n- {{job_name: chatbot, static_configs: [{{targets: ['{}']}}]}}\n", target);
}

std::string prometheus_configuration(const fs::path& rules, const std::string& target) {
  return fmt::format(
             "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n"
             "rule_files: ['{}/*s.yaml', '{}/recording.yaml']\n",
             rules.string(), rules.string()) +
         scrape_configuration(target);
}

std::vector<nlohmann::json> rules_of(const configured_prometheus& prometheus) {
  std::vector<nlohmann::json> rules;
  const nlohmann::json answer = prometheus.get("/api/v1/rules");
  if (answer.is_null()) return rules;
  for (const auto& group : answer.at("groups")) {
    for (const auto& rule : group.at("rules")) rules.push_back(rule);
  }
  return rules;
}

template <class Store>
bool has_series(const Store& store, const std::string& expression) {
  const nlohmann::json answer = store.query(expression);
  return answer.value("status", "") == "success" && !answer.at("data").at("result").empty();
}

void wait_for_rules(const configured_prometheus& prometheus) {
  INFO("every rule is evaluated on values");
  const auto is_evaluated = [&] {
    const auto rules = rules_of(prometheus);
    const bool all_ran = std::ranges::none_of(
        rules, [](const nlohmann::json& rule) { return rule.at("health") == "unknown"; });
    return rules.size() > 80 && all_ran && has_series(prometheus, "slo:budget_left:ratio") &&
           has_series(prometheus, "anomaly:upper_band{band=\"short\"}");
  };
  REQUIRE(became_true(is_evaluated, 60s, 200ms));
}

/// Why a rule may record nothing of a chatbot that has run for less than a minute, and does not fail.
const std::map<std::string, std::string> reasons_for_nothing{
    {"querytap_statement:duration_seconds:p95_median_1w", "an hour must pass, here a minute"},
    {"querytap_system:errors:rate5m", "no call fails"},
    {"querytap_system:errors:ratio_rate5m", "no call fails"}};

void check_rules(const configured_prometheus& prometheus) {
  for (const nlohmann::json& rule : rules_of(prometheus)) {
    INFO(rule.dump());
    CHECK(rule.at("health") == "ok");
    CHECK(rule.value("lastError", "") == "");
    if (rule.at("type") != "recording") continue;
    const auto name = rule.at("name").get<std::string>();
    CHECK((has_series(prometheus, name) || reasons_for_nothing.contains(name)));
  }
}

/// The first query of each runbook.
std::vector<std::pair<std::string, std::string>> runbook_queries() {
  constexpr std::string_view begin = "```promql\n";
  std::vector<std::pair<std::string, std::string>> queries;
  for (const auto& entry : fs::directory_iterator{ops / "runbooks"}) {
    const std::string page = read_text(entry.path());
    const std::size_t at = page.find(begin);
    if (at == std::string::npos) continue;
    const std::size_t first = at + begin.size();
    queries.emplace_back(entry.path().stem(), page.substr(first, page.find("```", first) - first));
  }
  REQUIRE(queries.size() > 50);
  return queries;
}

/// VictoriaMetrics, scraping the chatbot.
class victoria_metrics {
 public:
  explicit victoria_metrics(const std::string& target) {
    const fs::path file = folder_.path() / "scrape.yml";
    std::ofstream{file} << "global: {scrape_interval: 1s}\n" << scrape_configuration(target);
    process_ = std::make_unique<child_process>(
        std::vector<std::string>{"/usr/bin/victoria-metrics", "-promscrape.config=" + file.string(),
                                 "-storageDataPath=" + (folder_.path() / "data").string(),
                                 fmt::format("-httpListenAddr=127.0.0.1:{}", port_),
                                 "-memory.allowedBytes=100MB", "-search.latencyOffset=1s"},
        child_options{.output = folder_.path() / "log"});
  }

  [[nodiscard]] nlohmann::json query(const std::string& expression) const {
    return answer_to_query(port_, expression);
  }

 private:
  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

std::vector<std::string> expressions_in(const fs::path& folder) {
  std::vector<std::string> expressions;
  for (const char* name : {"recording.yaml", "alerts.yaml", "anomalies.yaml"}) {
    for (const auto& group : YAML::LoadFile((folder / name).string())["groups"]) {
      for (const auto& rule : group["rules"]) expressions.push_back(rule["expr"].as<std::string>());
    }
  }
  return expressions;
}

}  // namespace

TEST_CASE("every rule and every query of a runbook runs on what the chatbot exports") {
  const loaded_chatbot chatbot;
  const temporary_folder folder;
  make_rules(folder.path(), "prometheus");
  const configured_prometheus classic{prometheus_configuration(folder.path(), chatbot.address())};
  const configured_prometheus native{prometheus_configuration(folder.path(), chatbot.address()),
                                     {"--enable-feature=native-histograms"}};
  const victoria_metrics victoria{chatbot.address()};

  wait_for_rules(classic);
  wait_for_rules(native);
  CHECK(has_series(classic, "querytap_request_duration_seconds_bucket"));
  CHECK_FALSE(has_series(native, "querytap_request_duration_seconds_bucket"));
  {
    INFO("classic histograms");
    check_rules(classic);
  }
  {
    INFO("native histograms");
    check_rules(native);
  }
  for (const auto& [page, query] : runbook_queries()) {
    INFO(page << ": " << query);
    CHECK(classic.query(query).value("status", "") == "success");
    CHECK(native.query(query).value("status", "") == "success");
    CHECK(victoria.query(query).value("status", "") == "success");
  }
  // As many series in either form, and the bound of a latency objective in both.
  for (const char* series : {"slo:objective:ratio", "slo:bad_events:rate5m{objective=\"chat\"}",
                             "slo:bad_events:rate5m{objective=\"sqlite\", sli=\"latency\"}"}) {
    INFO(series);
    const auto count = [series](const configured_prometheus& prometheus) {
      return prometheus.query(series).at("data").at("result").size();
    };
    CHECK(count(classic) > 0);
    CHECK(count(classic) == count(native));
  }

  const temporary_folder for_victoria;
  make_rules(for_victoria.path(), "victoriametrics");
  for (const std::string& expression : expressions_in(for_victoria.path())) {
    INFO(expression);
    CHECK(victoria.query(expression).value("status", "") == "success");
  }
  INFO("VictoriaMetrics has the requests");
  REQUIRE(became_true(
      [&] {
        return has_series(victoria, "sum(rate(querytap_request_duration_seconds_count[10s])) > 0");
      },
      60s, 200ms));
}
