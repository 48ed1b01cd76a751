// The rules, Alertmanager's configuration and the runbooks of examples/ops hold together: what is checked in is what the
// generator makes, Prometheus and Alertmanager take it, each alert has cases that it passes, and a page.

#include <querytap/snapshot/finding.hpp>

#include <support/child_process.hpp>

#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace querytap::testing;

namespace {

const fs::path ops{QUERYTAP_SOURCE_DIR "/examples/ops"};
constexpr const char* rule_files[] = {"recording.yaml", "alerts.yaml", "anomalies.yaml"};

finished generate(const fs::path& objectives, const fs::path& folder) {
  return run({GENERATE_RULES_PROGRAM, objectives.string(), folder.string()});
}

/// What the generator says of objectives with these services.
std::string refusal_of(const std::string& services, const std::string& limits = "{}") {
  const temporary_folder folder;
  const fs::path file = folder.path() / "objectives.yaml";
  std::ofstream{file} << "runbooks: https://runbooks.example.com/\nlimits: " << limits
                      << "\nservices: " << services << '\n';
  const finished made = generate(file, folder.path());
  CHECK(made.exit_code == 1);
  CHECK_FALSE(fs::exists(folder.path() / "alerts.yaml"));
  return made.output;
}

std::string refusal_of_objective(const std::string& objective) {
  return refusal_of("[{job: shop, objectives: [" + objective + "]}]");
}

void check_accepted(const std::vector<std::string>& command) {
  const finished check = run(command);
  INFO(check.output);
  CHECK(check.exit_code == 0);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator{folder}) found.push_back(entry.path());
  return found;
}

/// All alerting rules, as YAML has them.
std::vector<YAML::Node> alerting_rules() {
  std::vector<YAML::Node> rules;
  for (const char* name : rule_files) {
    for (const auto& group : YAML::LoadFile((ops / "rules" / name).string())["groups"]) {
      for (const auto& rule : group["rules"]) {
        if (rule["alert"]) rules.push_back(rule);
      }
    }
  }
  REQUIRE(rules.size() > 30);
  return rules;
}

std::set<std::string> alert_names() {
  std::set<std::string> names;
  for (const YAML::Node& rule : alerting_rules()) names.insert(rule["alert"].as<std::string>());
  return names;
}

std::string text(const YAML::Node& node) { return node ? node.as<std::string>() : std::string{}; }

/// Whether an alert that is expected is one of this rule: several rules may have one name.
bool is_of(const YAML::Node& expected, const YAML::Node& rule) {
  const YAML::Node& labels = expected["exp_labels"];
  return text(labels["severity"]) == text(rule["labels"]["severity"]) &&
         text(labels["window"]) == text(rule["labels"]["window"]);
}

enum class seen { nothing, silent, firing, over };

/// How far a test of promtool follows the rule, in the order of its times.
seen followed_by(const YAML::Node& test, const YAML::Node& rule) {
  seen so_far = seen::nothing;
  for (const auto& check : test["alert_rule_test"]) {
    if (text(check["alertname"]) != text(rule["alert"])) continue;
    const YAML::Node& expected = check["exp_alerts"];
    bool fires = false;
    for (const auto& alert : expected) fires = fires || is_of(alert, rule);
    if (so_far == seen::nothing && !fires) so_far = seen::silent;
    if (so_far == seen::silent && fires) so_far = seen::firing;
    if (so_far == seen::firing && !fires) so_far = seen::over;
  }
  return so_far;
}

bool has_all_cases(const YAML::Node& rule) {
  for (const fs::path& file : files_in(ops / "rules/tests")) {
    for (const auto& test : YAML::LoadFile(file.string())["tests"]) {
      if (followed_by(test, rule) == seen::over) return true;
    }
  }
  return false;
}

std::set<std::string> finding_kinds() {
  std::set<std::string> kinds;
  for (int number = 0; number <= static_cast<int>(querytap::finding_kind::flapping); ++number) {
    kinds.emplace(to_string(static_cast<querytap::finding_kind>(number)));
  }
  return kinds;
}

/// The first query of an alert's runbook.
std::string runbook_query(const std::string& alert) {
  const std::string page = read_text(ops / "runbooks" / (alert + ".md"));
  std::smatch query;
  REQUIRE(std::regex_search(page, query, std::regex{"```promql\n([^`]+)```"}));
  return query[1];
}

/// What a runbook says first of its alert or finding.
std::string first_sentence(const std::string& page) {
  std::smatch sentence;
  REQUIRE(std::regex_search(page, sentence,
                            std::regex{"## What it means\n\n([^\n]+?)\\.( [^\n]*)?\n"}));
  return sentence[1];
}

/// A volume of compose.yaml: `SOURCE:TARGET` or `SOURCE:TARGET:ro`.
struct compose_volume {
  std::string source;
  std::string target;

  [[nodiscard]] bool is_path() const { return source.starts_with("."); }
};

std::vector<compose_volume> volumes_of(const YAML::Node& service) {
  std::vector<compose_volume> volumes;
  for (const auto& item : service["volumes"]) {
    const auto volume = item.as<std::string>();
    const std::size_t first = volume.find(':');
    REQUIRE(first != std::string::npos);
    const std::size_t second = volume.find(':', first + 1);
    volumes.push_back({volume.substr(0, first), volume.substr(first + 1, second - first - 1)});
  }
  return volumes;
}

/// The file or folder that a service of compose.yaml has at this path; empty if it is none of those here.
fs::path mounted_at(const YAML::Node& service, const std::string& path) {
  for (const compose_volume& volume : volumes_of(service)) {
    const bool holds = (path + "/").starts_with(volume.target + "/");
    if (!volume.is_path() || !holds) continue;
    const std::string root = (ops / "running" / volume.source).string();
    return fs::weakly_canonical(root + path.substr(volume.target.size()));
  }
  return {};
}

std::set<std::string> runbooks() {
  std::set<std::string> names;
  for (const fs::path& file : files_in(ops / "runbooks")) names.insert(file.stem().string());
  names.erase("README");
  return names;
}

}  // namespace

TEST_CASE("the rules that are checked in are those that the generator makes") {
  const temporary_folder folder;
  const finished made = generate(ops / "objectives.yaml", folder.path());
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  for (const char* name : rule_files) {
    INFO(name << ": generate_rules examples/ops/objectives.yaml examples/ops/rules");
    CHECK((read_text(folder.path() / name) == read_text(ops / "rules" / name)));
  }
}

TEST_CASE("the cost sheet is that of the limits beside it, and bad limits are refused") {
  const finished sheet = run({COST_SHEET_PROGRAM, (ops / "running/limits.yaml").string()});
  CHECK(sheet.exit_code == 0);
  INFO("cost_sheet examples/ops/running/limits.yaml > examples/ops/running/cost_sheet.md");
  CHECK((sheet.output == read_text(ops / "running/cost_sheet.md")));
  const temporary_folder folder;
  const std::string file = (folder.path() / "limits.yaml").string();
  std::ofstream{file} << "instances: 0\n";
  CHECK_THAT(run({COST_SHEET_PROGRAM, file}).output,
             Catch::Contains("limits: instances: 0 is too little"));
  CHECK(run({COST_SHEET_PROGRAM, "nowhere.yaml"}).exit_code == 1);
}

TEST_CASE("objectives that cannot be measured are refused by name") {
  const auto refused = [](const std::string& objective, const std::string& reason) {
    CHECK_THAT(refusal_of_objective(objective), Catch::Contains(reason));
  };
  refused("{name: chat, request: GET /, latency: {share: 99%, within: 300ms}}",
          "objective 'chat': latency within 300ms: no bucket that the library exports ends there, "
          "but at 0.001s 0.005s 0.01s");
  refused("{name: redis, system: redis, latency: {share: 99%, within: 500us}}",
          "objective 'redis': latency within 500us: no bucket");
  refused("{name: chat, request: GET /, latency: {share: 99%, within: fast}}",
          "objective 'chat': latency: within: 'fast' is no duration");
  refused("{name: chat, request: GET /, latency: {share: 99%}}",
          "objective 'chat': latency: expected share and within");
  refused("{name: chat, request: GET /, availability: 100%}",
          "objective 'chat': availability: '100%' is no share");
  refused("{name: chat, request: GET /, availability: 99.9%%}",
          "objective 'chat': availability: '99.9%%' is no share");
  refused("{name: chat, request: GET /, system: redis, availability: 99%}",
          "objective 'chat': expected either a request or a system");
  refused("{name: chat, availability: 99%}",
          "objective 'chat': expected either a request or a system");
  refused("{name: chat, request: GET /}", "objective 'chat': promises nothing");
  refused("{name: chat, request: GET /, availibility: 99%}",
          "objective 'chat': unknown name 'availibility'");
  refused("{name: 'a b', request: GET /, availability: 99%}",
          "name 'a b': expected letters, digits, _ and -");
  refused("{request: GET /, availability: 99%}", "an objective: has no name");
  refused("{name: a, request: r, availability: 99%}, {name: a, system: redis, availability: 99%}",
          "two objectives are called 'a'");
  CHECK_THAT(refusal_of("[]"), Catch::Contains("names no service"));
  CHECK_THAT(refusal_of("[{job: a}, {job: a}]"), Catch::Contains("two services are called 'a'"));
  CHECK_THAT(refusal_of("[{job: a}]", "{pool_used: 120%}"),
             Catch::Contains("limits: pool_used: '120%' is no share"));
  CHECK_THAT(refusal_of("[{job: a}]", "{poolused: 1%}"),
             Catch::Contains("limits: unknown name 'poolused'"));
  CHECK_THAT(refusal_of("["), Catch::Contains("objectives.yaml"));
  CHECK(run({GENERATE_RULES_PROGRAM, "--faster", "0", "a", "b"}).exit_code == 2);
  CHECK(run({GENERATE_RULES_PROGRAM, "--store", "oracle", "a", "b"}).exit_code == 2);
  CHECK(run({GENERATE_RULES_PROGRAM}).exit_code == 2);
  CHECK(generate("nowhere.yaml", ops / "rules").exit_code == 1);
}

TEST_CASE("a latency objective may lie on any bound that the service exports") {
  const temporary_folder folder;
  const fs::path file = folder.path() / "objectives.yaml";
  std::ofstream{file} << R"(
runbooks: https://runbooks.example.com/
services:
  - job: shop
    slo_thresholds: [250ms]
    objectives:
      - { name: own, request: 'GET /"quoted"\', latency: { share: 99%, within: 250ms } }
      - { name: whole, system: redis, latency: { share: 99%, within: 1s } }
      - { name: fine, system: sqlite, latency: { share: 99%, within: 10us } }
)";
  const finished made = generate(file, folder.path());
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  const std::string rules = read_text(folder.path() / "recording.yaml");
  CHECK_THAT(rules, Catch::Contains(
                        R"(le="0.25", job="shop", querytap_request_name="GET /\"quoted\"\\")"));
  CHECK_THAT(rules, Catch::Contains(R"(le=~"1|1\\.0", job="shop", db_system_name="redis")"));
  CHECK_THAT(rules, Catch::Contains(R"(le="1e-05", job="shop", db_system_name="sqlite")"));
  check_accepted(
      {"/usr/bin/promtool", "check", "rules", (folder.path() / "recording.yaml").string()});
}

TEST_CASE("Prometheus and Alertmanager take what is checked in") {
  for (const char* name : rule_files) {
    check_accepted({"/usr/bin/promtool", "check", "rules", (ops / "rules" / name).string()});
  }
  check_accepted(
      {"/usr/bin/promtool", "check", "config", (ops / "running/prometheus.yml").string()});
  check_accepted(
      {"/usr/bin/amtool", "check-config", (ops / "alertmanager/alertmanager.yml").string()});
}

TEST_CASE(
    "what cannot be run here is at least whole: the Collector's pipelines name what there is") {
  for (const char* name : {"compose.yaml", "podmonitor.yaml", "targets/chatbot.yaml"}) {
    INFO(name);
    CHECK_FALSE(YAML::LoadAllFromFile((ops / "running" / name).string()).empty());
  }
  const YAML::Node collector = YAML::LoadFile((ops / "running/otel-collector.yaml").string());
  int named = 0;
  for (const auto& pipeline : collector["service"]["pipelines"]) {
    for (const char* part : {"receivers", "processors", "exporters"}) {
      for (const auto& item : pipeline.second[part]) {
        INFO(part << " " << item.as<std::string>());
        CHECK(collector[part][item.as<std::string>()]);
        ++named;
      }
    }
  }
  CHECK(named > 10);
}

TEST_CASE("all that compose mounts and names is there") {
  const YAML::Node compose = YAML::LoadFile((ops / "running/compose.yaml").string());
  int paths = 0;
  int configurations = 0;
  for (const auto& entry : compose["services"]) {
    const YAML::Node& service = entry.second;
    for (const compose_volume& volume : volumes_of(service)) {
      INFO(entry.first << ": " << volume.source);
      if (!volume.is_path()) CHECK(compose["volumes"][volume.source]);
      if (volume.is_path()) CHECK(fs::exists(ops / "running" / volume.source));
      paths += volume.is_path() ? 1 : 0;
    }
    const std::string option = "--config.file=";
    for (const auto& item : service["command"]) {
      const auto argument = item.as<std::string>();
      if (!argument.starts_with(option)) continue;
      INFO(entry.first << ": " << argument);
      CHECK(fs::is_regular_file(mounted_at(service, argument.substr(option.size()))));
      ++configurations;
    }
  }
  CHECK(paths >= 5);
  CHECK(configurations == 2);
}

TEST_CASE("Grafana in compose finds Prometheus and the dashboards") {
  const YAML::Node compose = YAML::LoadFile((ops / "running/compose.yaml").string());
  const YAML::Node grafana = compose["services"]["grafana"];
  const fs::path provisioning = ops / "running/grafana/provisioning";
  for (const char* part : {"datasources", "dashboards"}) {
    const std::string path = std::string{"/etc/grafana/provisioning/"} + part;
    CHECK(mounted_at(grafana, path) == fs::canonical(provisioning / part));
  }
  const YAML::Node prometheus = YAML::LoadFile((ops / "running/prometheus.yml").string());
  const YAML::Node source =
      YAML::LoadFile((provisioning / "datasources/prometheus.yaml").string())["datasources"][0];
  CHECK(text(source["type"]) == "prometheus");
  CHECK(text(source["url"]) == "http://127.0.0.1:9090");
  CHECK(text(source["jsonData"]["timeInterval"]) == text(prometheus["global"]["scrape_interval"]));
  const YAML::Node provider =
      YAML::LoadFile((provisioning / "dashboards/querytap.yaml").string())["providers"][0];
  CHECK(text(provider["type"]) == "file");
  const std::string folder = text(provider["options"]["path"]) + "/querytap";
  CHECK(mounted_at(grafana, folder) == fs::canonical(ops / "dashboards"));
}

TEST_CASE("VictoriaMetrics takes the rules that are made for it") {
  const temporary_folder folder;
  const finished made = run({GENERATE_RULES_PROGRAM, "--store", "victoriametrics",
                             (ops / "objectives.yaml").string(), folder.path().string()});
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  check_accepted({"/usr/bin/vmalert", "-dryRun", "-rule=" + folder.path().string() + "/*.yaml"});
}

TEST_CASE("every alert is silent, fires and is over in a case of its own") {
  for (const YAML::Node& rule : alerting_rules()) {
    const auto name = rule["alert"].as<std::string>();
    if (name == "Watchdog") continue;  // fires for ever
    INFO(name << " " << text(rule["labels"]["severity"]) << " " << text(rule["labels"]["window"]));
    CHECK(has_all_cases(rule));
  }
}

TEST_CASE("every alert says how bad it is, what it means and where to read on") {
  for (const YAML::Node& rule : alerting_rules()) {
    const auto name = rule["alert"].as<std::string>();
    INFO(name);
    const std::string severity = text(rule["labels"]["severity"]);
    CHECK((severity == "critical" || severity == "warning" || severity == "info"));
    const YAML::Node& annotations = rule["annotations"];
    CHECK_FALSE(text(annotations["summary"]).empty());
    CHECK_FALSE(text(annotations["description"]).empty());
    CHECK(text(annotations["runbook_url"]) ==
          "https://runbooks.example.com/querytap/" + name + ".md");
    CHECK(text(annotations["summary"]).find("$value") == std::string::npos);
  }
}

TEST_CASE("every alert and every kind of finding has a runbook, and every runbook one of them") {
  std::set<std::string> subjects = alert_names();
  subjects.merge(finding_kinds());
  CHECK(runbooks() == subjects);
}

TEST_CASE("every runbook says what it means, where to look, what to do and when it is over") {
  for (const fs::path& file : files_in(ops / "runbooks")) {
    const std::string page = read_text(file);
    INFO(file);
    if (file.stem() == "README") continue;
    CHECK_THAT(page, Catch::StartsWith("# " + file.stem().string() + "\n"));
    for (const char* part : {"\n## What it means\n", "\n## Where to look\n", "\n## What to do\n",
                             "\n## How to know that it is over\n"}) {
      CHECK_THAT(page, Catch::Contains(part));
    }
    CHECK(std::regex_search(page, std::regex{"`/#[a-z]+"}));
    CHECK(std::regex_search(page, std::regex{"```promql\n"}));
  }
}

TEST_CASE("the table of the runbooks has the first sentence of each") {
  const std::string table = read_text(ops / "runbooks/README.md");
  for (const std::string& name : runbooks()) {
    const std::string page = read_text(ops / "runbooks" / (name + ".md"));
    const std::string row =
        "\n| [" + name + "](" + name + ".md) | " + first_sentence(page) + " |\n";
    CHECK_THAT(table, Catch::Contains(row));
  }
}

TEST_CASE("the runbook of an absent service says for how many minutes each instance is gone") {
  YAML::Node cases = YAML::Load(R"(
rule_files: []
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:  # the last time up was after ten minutes, but for two of them
      - { series: 'up{job="shop", instance="fails"}', values: '1x40 0x80' }
      - { series: 'up{job="shop", instance="left out"}', values: '1x40 stale' }
      - { series: 'up{job="shop", instance="never there"}', values: '0x120' }
      - { series: 'up{job="shop", instance="well"}', values: '1x40 0x40 1x40' }
    promql_expr_test:
      - eval_time: 30m
        exp_samples:
          - { labels: '{job="shop", instance="fails"}', value: 20 }
          - { labels: '{job="shop", instance="left out"}', value: 20 }
)");
  cases["tests"][0]["promql_expr_test"][0]["expr"] = runbook_query("ServiceAbsent");
  const temporary_folder folder;
  const fs::path file = folder.path() / "cases.yaml";
  std::ofstream{file} << cases << '\n';
  check_accepted({"/usr/bin/promtool", "test", "rules", file.string()});
}

TEST_CASE("every panel that a runbook names is on its dashboard") {
  std::map<std::string, std::string> dashboards;  // by title
  for (const fs::path& file : files_in(ops / "dashboards")) {
    if (file.extension() != ".json") continue;
    const std::string json = read_text(file);
    std::smatch title;
    REQUIRE(std::regex_search(json, title, std::regex{"\"title\": \"querytap / ([^\"]+)\""}));
    dashboards.emplace(title[1], json);
  }
  REQUIRE(dashboards.size() > 5);
  const std::regex reference{"ashboard \\*([^*]+)\\*(?:, \"([^\"]+)\")?"};
  int found = 0;
  for (const fs::path& file : files_in(ops / "runbooks")) {
    const std::string page = read_text(file);
    for (std::sregex_iterator item{page.begin(), page.end(), reference}, end; item != end; ++item) {
      INFO(file << ": " << item->str());
      ++found;
      REQUIRE(dashboards.contains((*item)[1]));
      CHECK_THAT(dashboards.at((*item)[1]), Catch::Contains("\"title\": \"" + (*item)[2].str()));
    }
  }
  CHECK(found > 40);
}

TEST_CASE("every address that a runbook names is a view of the live page") {
  const std::string program = read_text(QUERYTAP_SOURCE_DIR "/src/runtime/live/web/app.js");
  const std::regex address{"`/#([a-z]+)"};
  int found = 0;
  for (const fs::path& file : files_in(ops / "runbooks")) {
    const std::string page = read_text(file);
    for (std::sregex_iterator item{page.begin(), page.end(), address}, end; item != end; ++item) {
      const std::string view = (*item)[1];
      INFO(file << ": " << view);
      const bool is_view = program.find("['" + view + "', ") != std::string::npos;
      CHECK((is_view || program.find(view + ": ['") != std::string::npos));
      ++found;
    }
  }
  CHECK(found > 100);
}
