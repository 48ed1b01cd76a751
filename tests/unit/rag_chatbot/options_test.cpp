// The command line is parsed, or refused with the name of the wrong option.

#include <rag_chatbot/options.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;
using namespace std::chrono_literals;

namespace {

options parsed(const std::vector<const char*>& arguments) { return parse_options(arguments); }

struct bad_line {
  std::vector<const char*> arguments;
  std::string message;
};

}  // namespace

TEST_CASE("without options everything has a default", "[options]") {
  const auto defaults = parsed({});
  CHECK(defaults.backend == backend_kind::sqlite);
  CHECK(defaults.listen == address{"127.0.0.1", 8080});
  CHECK(defaults.metrics == address{"127.0.0.1", 9464});
  CHECK(defaults.load_time == 20s);
  CHECK_FALSE(defaults.once);
}

TEST_CASE("every option is parsed", "[options]") {
  const auto all = parsed({"--backend",  "postgres",  "--connection",   "dbname=x",
                           "--database", "file",      "--corpus",       "folder",
                           "--scratch",  "scratch",   "--listen",       "[::1]:0",
                           "--vectors",  "chroma",    "--chroma",       "http://c:1",
                           "--cache",    "redis",     "--redis",        "r:1",
                           "--history",  "mongo",     "--mongo",        "mongodb://m",
                           "--model",    "http://l",  "--model-name",   "small",
                           "--metrics",  "0.0.0.0:1", "--rate",         "2.5",
                           "--users",    "3",         "--load-seconds", "0",
                           "--slow-ms",  "7",         "--plant",        "missing_index,n_plus_one",
                           "--prices",   "p.yaml",    "--budget",       "0.5",
                           "--once",     "--help"});
  CHECK(all.backend == backend_kind::postgres);
  CHECK(all.connection == "dbname=x");
  CHECK(all.database == "file");
  CHECK(all.corpus == "folder");
  CHECK(all.scratch == "scratch");
  CHECK(all.vectors == vectors_kind::chroma);
  CHECK(all.chroma == "http://c:1");
  CHECK(all.cache == cache_kind::redis);
  CHECK(all.redis == address{"r", 1});
  CHECK(all.history == history_kind::mongo);
  CHECK(all.mongo == "mongodb://m");
  CHECK(all.model == "http://l");
  CHECK(all.model_name == "small");
  CHECK(all.listen == address{"::1", 0});
  CHECK(to_string(all.listen) == "[::1]:0");
  CHECK(to_string(all.metrics) == "0.0.0.0:1");
  CHECK(all.prices == "p.yaml");
  CHECK(all.budget == 0.5);
  CHECK(all.rate == 2.5);
  CHECK(all.users == 3);
  CHECK(all.load_time == 0s);
  CHECK(all.slow == 7ms);
  CHECK(all.mistakes.n_plus_one);
  CHECK(all.mistakes.missing_index);
  CHECK(all.once);
  CHECK(all.help);
}

TEST_CASE("every option is explained", "[options]") {
  for (const std::string name :
       {"--backend", "--database", "--connection", "--corpus", "--scratch", "--listen",
        "--metrics", "--vectors",  "--chroma",     "--cache",  "--redis",   "--history",
        "--mongo",   "--model",    "--model-name", "--rate",   "--users",   "--load-seconds",
        "--once",    "--help",     "--prices",     "--budget"}) {
    CHECK(usage().find("\n  " + name + " ") != std::string::npos);
  }
}

TEST_CASE("a bad command line is refused with the option's name", "[options]") {
  const auto [arguments, message] = GENERATE(values<bad_line>({
      {{"--fast"}, "unknown option --fast"},
      {{"pages"}, "unknown option pages"},
      {{"--rate"}, "--rate needs a value"},
      {{"--backend", "mysql"}, "--backend mysql: expected sqlite or postgres"},
      {{"--vectors", "qdrant"}, "--vectors qdrant: expected memory or chroma"},
      {{"--cache", "folder"}, "--cache folder: expected none or redis"},
      {{"--history", ""}, "--history : expected backend or mongo"},
      {{"--rate", "0"}, "--rate 0: expected 0.1 to 10000"},
      {{"--rate", "nan"}, "--rate nan: expected 0.1 to 10000"},
      {{"--rate", "5/s"}, "--rate 5/s: expected 0.1 to 10000"},
      {{"--users", "-1"}, "--users -1: expected 1 to 256"},
      {{"--users", "1000"}, "--users 1000: expected 1 to 256"},
      {{"--load-seconds", "1.5"}, "--load-seconds 1.5: expected 0 to 86400"},
      {{"--slow-ms", "0"}, "--slow-ms 0: expected 1 to 86400000"},
      {{"--budget", "0"}, "--budget 0: expected 1e-06 to 1000000"},
      {{"--prices", "p.yaml"}, "--prices needs --model"},
      {{"--model", "http://m", "--budget", "1"}, "--budget needs --prices"},
      {{"--plant", "n_plus_one,worms"},
       "--plant worms: expected n_plus_one, missing_index or both"},
      {{"--listen", "8080"}, "--listen '8080' is not HOST:PORT"},
      {{"--listen", ":8080"}, "--listen ':8080' is not HOST:PORT"},
      {{"--metrics", "host:65536"}, "--metrics 'host:65536': the port must be 0 to 65535"},
  }));
  CHECK_THROWS_AS(parsed(arguments), usage_error);
  CHECK_THROWS_WITH(parsed(arguments), message);
}
