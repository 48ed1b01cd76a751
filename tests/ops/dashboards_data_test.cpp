// Every query of every dashboard has an answer: on Prometheus with classic and with native histograms, and on
// VictoriaMetrics, which scrape the chatbot under load, with mistakes planted in it.

#include <dashboards/dashboards.hpp>
#include <dashboards/recorded.hpp>
#include <dashboards/variables.hpp>
#include <ops/metrics_store.hpp>
#include <support/chroma_server.hpp>
#include <support/fault_server.hpp>
#include <support/model_replies.hpp>
#include <support/postgres_server.hpp>
#include <support/redis_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/mongodb/mongodb_stand_in.hpp>

#include <absl/strings/str_replace.h>
#include <httplib.h>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

void write_corpus(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  for (int page = 0; page < 40; ++page) {
    const std::string name = "call" + std::to_string(page);
    std::ofstream text{folder / (name + ".md")};
    text << "# " << name << "\n\nThe call " << name << " does what it is known for.\n";
    for (int section = 1; section < 6; ++section) {
      text << "\n## part " << section << "\n\nPart " << section << " of " << name << " is short.\n";
    }
  }
}

/// Everything that the chatbot may use.
class backends {
 public:
  backends() {
    mongo_.answer("serverStatus", server_status);
    mongo_.answer("insert", R"({"ok": 1, "n": 2})");
    mongo_.answer(
        "find",
        R"({"ok": 1, "cursor": {"id": {"$numberLong": "0"}, "ns": "chat.messages", "firstBatch": [
        {"speaker": "assistant", "body": "By pipe(2)."}, {"speaker": "user", "body": "Which call?"}]}})");
  }

  [[nodiscard]] std::vector<std::string> options() const {
    return {"--backend",    "postgres",
            "--connection", postgres_.connection_string(),
            "--vectors",    "chroma",
            "--chroma",     chroma_.url(),
            "--cache",      "redis",
            "--redis",      "127.0.0.1:" + std::to_string(redis_.port()),
            "--history",    "mongo",
            "--mongo",      mongo_.server().uri("chat"),
            "--model",      model_.url() + "/v1",
            "--model-name", "gpt-4o-mini",
            "--prices",     RAG_CHATBOT_PRICES,
            "--budget",     "0.5"};
  }

  /// Calls fail, and pools open new connections.
  void restart() {
    redis_.crash();
    redis_.restart();
    pqxx::connection administrator{postgres_.connection_string()};
    pqxx::nontransaction{administrator}.exec(
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client "
        "backend' "
        "and pid <> pg_backend_pid()");
  }

 private:
  postgres_server postgres_;
  redis_server redis_;
  chroma_server chroma_;
  mongodb_stand_in mongo_;
  fault_server model_{{streamed_answer("gpt-4o-mini-2024-07-18")}};
};

class chatbot {
 public:
  chatbot(int port, const std::vector<std::string>& options) {
    write_corpus(folder_.path() / "corpus");
    std::vector<std::string> command{RAG_CHATBOT_PROGRAM,
                                     "--corpus",
                                     (folder_.path() / "corpus").string(),
                                     "--scratch",
                                     folder_.path().string(),
                                     "--listen",
                                     "127.0.0.1:0",
                                     "--metrics",
                                     "127.0.0.1:" + std::to_string(port),
                                     "--load-seconds",
                                     "8",
                                     "--rate",
                                     "40",
                                     "--users",
                                     "8",
                                     "--slow-ms",
                                     "1",
                                     "--plant",
                                     "n_plus_one,missing_index"};
    command.insert(command.end(), options.begin(), options.end());
    process_ =
        std::make_unique<child_process>(command, child_options{.output = folder_.path() / "log"});
  }

  [[nodiscard]] std::string output() const { return read_text(folder_.path() / "log"); }
  /// Its report comes when the load is over, and servers have been asked once more.
  [[nodiscard]] bool has_reported() const {
    return output().find("serving until Ctrl-C") != std::string::npos;
  }

 private:
  temporary_folder folder_;
  std::unique_ptr<child_process> process_;
};

/// No query fails; and a panel is empty if, and only if, it says why. Of what rules record of native histograms,
/// Prometheus 2.42 gives back some as histograms without buckets, so that there are no numbers to expect.
void check_panel(const metrics_store& store, const ops::panel& shown, bool is_recorded) {
  bool is_whole = true;
  for (const ops::target& asked : shown.targets) {
    const std::string text =
        ops::filled_in(asked.asked.text, {.window = "1m",
                                          .range = "1m",
                                          .has_native_functions = !store.is_victoria_metrics(),
                                          .is_recorded = is_recorded});
    const query_result result = store.query(text);
    INFO(store.name() << ": " << shown.title << ": " << asked.legend << '\n'
                      << text << '\n'
                      << result.samples.dump());
    CHECK(result.error.empty());
    if (is_recorded && store.has_native_histograms()) continue;
    if (shown.empty_because.empty()) CHECK(result.has_data());
    is_whole = is_whole && result.has_data();
  }
  INFO(shown.title << " has data after all, and need not say why it has none: "
                   << shown.empty_because);
  if (!shown.empty_because.empty() && !is_recorded) CHECK_FALSE(is_whole);
}

void check_all_panels(const metrics_store& store, bool is_recorded) {
  for (const ops::dashboard& drawn : ops::all_dashboards()) {
    INFO("dashboard " << drawn.file << (is_recorded ? ", recorded" : ""));
    for (const ops::row& part : drawn.rows) {
      for (const ops::panel& shown : part.panels) check_panel(store, shown, is_recorded);
    }
  }
}

}  // namespace

TEST_CASE("every panel has data of the chatbot, or says why not", "[ops]") {
  backends all;
  const std::vector<int> ports{free_port(), free_port()};
  const std::string rules = absl::StrReplaceAll(
      ops::rule_file(ops::rules_of(ops::all_dashboards())), {{"interval: 1m", "interval: 1s"}});
  const metrics_store classic{metrics_store::kind::prometheus, ports, rules};
  const metrics_store native{metrics_store::kind::prometheus_with_native_histograms, ports, rules};
  const metrics_store victoria{metrics_store::kind::victoria_metrics, ports, {}};
  // After the servers that scrape them: what a process does first is seen, too.
  const chatbot rich{ports[0], all.options()};
  const chatbot plain{ports[1], {"--backend", "sqlite"}};
  const std::vector<const metrics_store*> stores{&classic, &native, &victoria};
  const std::string is_busy =
      "sum(rate(rag_chatbot_cached_answers_total{instance=\"127.0.0.1:" + std::to_string(ports[0]) +
      "\"}[1m])) > 0";
  for (const metrics_store* store : stores) {
    INFO("questions are asked: " << store->name());
    REQUIRE(became_true([&] { return store->query(is_busy).has_data(); }, 1min, 100ms));
  }
  all.restart();
  const bool is_over =
      became_true([&] { return rich.has_reported() && plain.has_reported(); }, 1min, 100ms);
  INFO(rich.output());
  REQUIRE(is_over);
  for (const metrics_store* store : stores) {
    INFO("what came last is in: " << store->name());
    REQUIRE(became_true(
        [&] { return store->query("min(count_over_time(up[1m])) >= 8").has_data(); }, 1min, 100ms));
  }
  std::this_thread::sleep_for(2s);

  for (const metrics_store* store : stores) check_all_panels(*store, false);
  check_all_panels(classic, true);
  check_all_panels(native, true);
}
