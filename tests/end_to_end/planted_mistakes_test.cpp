// The chatbot's report finds the mistakes that are planted in it, names their lines, and its advice
// removes them.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <support/child_process.hpp>
#include <support/matches.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

using namespace querytap::testing;

namespace {

/// A corpus of 12,000 passages, each of a section of its own.
void write_corpus(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  std::string padding;
  for (int word = 0; word < 60; ++word) padding += " and so on";
  for (int page = 0; page < 300; ++page) {
    const std::string name = "call" + std::to_string(page);
    std::ofstream text{folder / (name + ".md")};
    text << "# " << name << "\n\nThe call " << name << " does what it is known for.\n";
    for (int section = 1; section < 40; ++section) {
      text << "\n## part " << section << "\n\nPart " << section << " of " << name << padding
           << ".\n";
    }
  }
}

class chatbot {
 public:
  explicit chatbot(std::vector<std::string> store) : store_{std::move(store)} {
    write_corpus(folder_.path() / "corpus");
  }

  [[nodiscard]] std::filesystem::path database() const { return folder_.path() / "chat.db"; }

  /// The findings of the report of a short load.
  [[nodiscard]] std::string findings(const std::vector<std::string>& plant) const {
    std::vector<std::string> command{RAG_CHATBOT_PROGRAM, "--once",
                                     "--corpus",          (folder_.path() / "corpus").string(),
                                     "--database",        database().string(),
                                     "--listen",          "127.0.0.1:0",
                                     "--metrics",         "127.0.0.1:0",
                                     "--load-seconds",    "1",
                                     "--slow-ms",         "1"};
    command.insert(command.end(), store_.begin(), store_.end());
    command.insert(command.end(), plant.begin(), plant.end());
    const finished report = run(command);
    INFO(report.output);
    REQUIRE(report.exit_code == 0);
    const auto begin = report.output.find("\nfindings\n");
    REQUIRE(begin != std::string::npos);
    return report.output.substr(begin);
  }

 private:
  temporary_folder folder_;
  std::vector<std::string> store_;
};

/// The statement that is advised for the missing index.
std::string advised(const std::string& report) {
  std::smatch found;
  REQUIRE(std::regex_search(report, found, std::regex{"(create index [^\n]*)"}));
  return found[1];
}

const std::vector<std::string> both{"--plant", "n_plus_one,missing_index"};
const std::vector<std::string> index_alone{"--plant", "missing_index"};

void check_found(const std::string& report, const std::string& file) {
  INFO(report);
  CHECK(matches(report,
                "n_plus_one, [0-9]+ times, examples/rag_chatbot/store/" + file + ":[0-9]+\n"));
  CHECK(matches(report,
                "missing_index, [0-9]+ times, examples/rag_chatbot/store/" + file + ":[0-9]+\n"));
  CHECK(matches(report, "reads all of passages, some 12,000 rows"));
}

void check_gone(const std::string& report) {
  INFO(report);
  CHECK_FALSE(matches(report, "n_plus_one"));
  CHECK_FALSE(matches(report, "missing_index"));
}

}  // namespace

TEST_CASE("mistakes planted on SQLite are found, and gone by the advice") {
  const chatbot chat{{}};
  const std::string report = chat.findings(both);
  check_found(report, "sqlite_store.cpp");
  querytap::recorder telemetry{{.service_name = "test"}};
  querytap::sqlite::connection{telemetry, chat.database().string()}.exec(advised(report));
  check_gone(chat.findings(index_alone));
}

TEST_CASE("mistakes planted on PostgreSQL are found, and gone by the advice") {
  const postgres_server server;
  const chatbot chat{{"--backend", "postgres", "--connection", server.connection_string()}};
  const std::string report = chat.findings(both);
  check_found(report, "postgres_store.cpp");
  pqxx::connection db{server.connection_string()};
  pqxx::nontransaction{db}.exec(advised(report));
  check_gone(chat.findings(index_alone));
}
