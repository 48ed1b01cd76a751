// What the README's twenty lines are as a program: bytes on disk, stripped, with the library linked
// statically; and which TLS libraries it loads, of which there must be no more than one.
//
//     program_size --out=program_size.json

#include "../support/options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;
using querytap::bench::option;

constexpr const char* program = QUERYTAP_PROGRAM;

void run_command(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
}

/// A file that is removed with this object.
class temporary_file {
 public:
  explicit temporary_file(std::string_view ending)
      : path_{fs::path{program}.parent_path() / fmt::format("program_size.{}", ending)} {}
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    std::error_code none;
    fs::remove(path_, none);
  }

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::uintmax_t stripped_size() {
  const temporary_file stripped{"stripped"};
  run_command(fmt::format("strip -o '{}' '{}'", stripped.path(), program));
  return fs::file_size(stripped.path());
}

int loaded_tls_libraries() {
  const temporary_file list{"libraries"};
  run_command(fmt::format("ldd '{}' > '{}'", program, list.path()));
  std::ifstream lines{list.path()};
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    for (const std::string_view name : {"libssl.", "libgnutls.", "libmbedtls."}) {
      if (line.find(name) == line.npos) continue;
      fmt::print("program_size: loads{}\n", line.substr(0, line.find(" =>")));
      ++count;
    }
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) try {
  querytap::bench::refuse_others(argc, argv, {"out"});
  const std::uintmax_t bytes = stripped_size();
  fmt::print("program_size/first_query: {} B\n", bytes);
  const std::string out = option(argc, argv, "out", "");
  if (!out.empty()) {
    const nlohmann::json figure{{"run_name", "program_size/first_query"}, {"bytes", bytes}};
    std::ofstream{out} << nlohmann::json{{"benchmarks", {figure}}}.dump(2) << '\n';
  }
  return loaded_tls_libraries() > 1 ? 1 : 0;
} catch (const std::exception& failure) {
  fmt::print(stderr, "program_size: {}\n", failure.what());
  return 1;
}
