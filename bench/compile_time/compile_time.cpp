// What including the library costs: the processor time of the compiler itself for a file that does nothing
// else, at -O2, beside the standard headers that the library needs, libpqxx, hiredis, libmongoc and prometheus-cpp; which headers
// the library must never include; and, once unless there is only one repetition, the file of a header-only
// program that compiles the sources.
//
//     compile_time --repetitions=7 --out=compile_time.json

#include "../support/options.hpp"
#include "../support/pairs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using querytap::bench::median_of;
using querytap::bench::option;

const std::string compiler = "'" QUERYTAP_COMPILER "' -std=c++20 -O2 -I '" QUERYTAP_INCLUDE_DIR
                             "' -isystem '" QUERYTAP_HIREDIS_DIR "' " QUERYTAP_MONGOC_FLAGS " ";

struct subject {
  std::string name;
  std::string source;
  std::vector<double> seconds = {};
};

// Threads, streams and other expensive headers; client libraries; libraries of the implementation.
constexpr std::array<std::string_view, 6> forbidden_names{"thread", "iostream",  "regex",
                                                          "future", "sqlite3.h", "microhttpd.h"};
constexpr std::array<std::string_view, 4> forbidden_folders{"/pqxx/", "/prometheus/", "/absl/",
                                                            "/fmt/"};

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
}

// Of all child processes that have ended, without the time of the kernel, which depends on its caches.
double seconds_of_children() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  return static_cast<double>(used.ru_utime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec) / 1e6;
}

double compile(const fs::path& file) {
  const double begin = seconds_of_children();
  run(compiler + "-c '" + file.string() + "' -o '" + file.string() + ".o'");
  return seconds_of_children() - begin;
}

bool is_forbidden(const std::string& header) {
  const auto is_name = [&](std::string_view name) { return fs::path{header}.filename() == name; };
  const auto is_below = [&](std::string_view folder) { return header.find(folder) != header.npos; };
  return std::any_of(forbidden_names.begin(), forbidden_names.end(), is_name) ||
         std::any_of(forbidden_folders.begin(), forbidden_folders.end(), is_below);
}

// As the compiler lists them for make: `name.o: header header \`.
std::vector<std::string> reachable_headers(const fs::path& file) {
  const std::string list = file.string() + ".d";
  run(compiler + "-M '" + file.string() + "' > '" + list + "'");
  std::vector<std::string> headers;
  std::ifstream words{list};
  for (std::string word; words >> word;) {
    if (word != "\\" && !word.ends_with(':')) headers.push_back(word);
  }
  return headers;
}

// Every `#include <name>` of a standard header in the library's headers that the file reaches, each once.
std::string standard_headers_behind(const fs::path& file) {
  static constexpr std::string_view begin = "#include <";
  std::set<std::string> includes;
  for (const std::string& header : reachable_headers(file)) {
    if (!header.starts_with(QUERYTAP_INCLUDE_DIR)) continue;
    std::ifstream lines{header};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(begin) && line.find_first_of("/.") == line.npos) includes.insert(line);
    }
  }
  std::string source;
  for (const std::string& include : includes) source += include + '\n';
  return source;
}

// Returns false if one is forbidden.
bool check_headers(const fs::path& file) {
  const auto headers = reachable_headers(file);
  bool good = true;
  for (const std::string& header : headers) {
    if (!is_forbidden(header)) continue;
    fmt::print("compile_time/querytap: brings along {}\n", header);
    good = false;
  }
  fmt::print("compile_time/querytap: {} headers, {}\n", headers.size(),
             good ? "none forbidden" : "see above");
  return good;
}

void write(const std::string& file, const std::vector<subject>& subjects) {
  if (file.empty()) return;
  nlohmann::json figures = nlohmann::json::array();
  for (const subject& subject : subjects) {
    figures.push_back({{"run_name", "compile_time/" + subject.name},
                       {"cpu_time", median_of(subject.seconds)},
                       {"time_unit", "s"}});
  }
  std::ofstream{file} << nlohmann::json{{"benchmarks", figures}}.dump(2) << '\n';
}

/// A folder that is removed with this object.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = fs::temp_directory_path() / "querytap-compile-time.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"cannot make " + name};
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code none;
    fs::remove_all(path_, none);
  }

  fs::path add(const std::string& name, const std::string& text) const {
    const fs::path file = path_ / (name + ".cpp");
    std::ofstream{file} << text;
    return file;
  }

 private:
  fs::path path_;
};

std::vector<subject> all_subjects(const temporary_folder& folder) {
  const subject whole{"querytap", "#include <querytap/querytap.hpp>\n"};
  std::vector<subject> subjects{
      {"empty", "\n"},
      whole,
      {"standard_headers", standard_headers_behind(folder.add(whole.name, whole.source))},
      {"prometheus_cpp", "#include <prometheus/histogram.h>\n#include <prometheus/registry.h>\n"},
      {"postgres", "#include <querytap/decorators/postgres.hpp>\n"},
      {"pqxx", "#include <pqxx/pqxx>\n"},
      {"redis", "#include <querytap/decorators/redis.hpp>\n"},
      {"hiredis", "#include <hiredis.h>\n#include <async.h>\n"},
      {"endpoint", "#include <querytap/runtime/endpoint/scrape_endpoint.hpp>\n"},
      {"prometheus_exposer", "#include <prometheus/exposer.h>\n"},
      {"pool", "#include <querytap/policies/pool.hpp>\n"},
      {"http", "#include <querytap/decorators/http.hpp>\n"},
      {"curl", "#include <curl/curl.h>\n"},
      {"llm", "#include <querytap/decorators/llm.hpp>\n"},
      {"chroma", "#include <querytap/decorators/chroma.hpp>\n"}};
  if (!std::string_view{QUERYTAP_MONGOC_FLAGS}.empty()) {
    subjects.push_back({"mongodb", "#include <querytap/decorators/mongodb.hpp>\n"});
    subjects.push_back({"mongoc", "#include <mongoc/mongoc.h>\n"});
  }
  return subjects;
}

subject header_only_program() {
  return {"header_only",
          "#define QUERYTAP_IMPLEMENTATION\n"
          "#include <querytap/decorators/sqlite.hpp>\n"
          "#include <querytap/querytap.hpp>\n"
          "#include <querytap/runtime/endpoint/scrape_endpoint.hpp>\n"};
}

bool measure(std::size_t repetitions, const std::string& out) {
  const temporary_folder folder;
  std::vector<subject> subjects = all_subjects(folder);
  if (repetitions == 1) subjects.resize(2);  // a test: one of the library's is enough
  bool good = true;
  for (std::size_t i = 0; i < repetitions; ++i) {
    for (subject& subject : subjects) {
      subject.seconds.push_back(compile(folder.add(subject.name, subject.source)));
    }
  }
  if (repetitions > 1) {
    subject& program = subjects.emplace_back(header_only_program());
    program.seconds.push_back(compile(folder.add(program.name, program.source)));
  }
  for (const subject& subject : subjects) {
    fmt::print("compile_time/{}: {:.2f} s\n", subject.name, median_of(subject.seconds));
    if (subject.name == "querytap") good = check_headers(folder.add(subject.name, subject.source));
  }
  write(out, subjects);
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  querytap::bench::refuse_others(argc, argv, {"repetitions", "out"});
  return measure(std::stoul(option(argc, argv, "repetitions", "7")), option(argc, argv, "out", ""))
             ? 0
             : 1;
} catch (const std::exception& failure) {
  fmt::print(stderr, "compile_time: {}\n", failure.what());
  return 1;
}
