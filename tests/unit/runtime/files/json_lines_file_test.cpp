// A file of lines has whole lines only, stays within its bounds, and fails without harm when it cannot be
// written.

#include <querytap/base/error.hpp>
#include <querytap/runtime/files/json_lines_file.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
namespace fs = std::filesystem;

namespace {

using losses = std::map<std::string, std::uint64_t>;

struct folder_of_lines {
  temporary_folder folder;
  capture telemetry;
  const fs::path path = folder.path() / "slow.jsonl";

  json_lines_file open(json_lines_file_options options = {}) {
    if (options.path.empty()) options.path = path.string();
    return {telemetry.recorder(), options};
  }

  [[nodiscard]] std::string text(const std::string& ending = {}) const {
    return read_text(path.string() + ending);
  }

  /// All that lies in the folder: "slow.jsonl slow.jsonl.1".
  [[nodiscard]] std::string names() const {
    std::set<std::string> sorted;
    for (const auto& entry : fs::directory_iterator{folder.path()}) {
      sorted.insert(entry.path().filename().string());
    }
    std::string list;
    for (const std::string& name : sorted) list += (list.empty() ? "" : " ") + name;
    return list;
  }
};

/// Limits the files of this process to `bytes` while it lives.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit lowered{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &lowered);
  }
  ~file_size_limit() { setrlimit(RLIMIT_FSIZE, &before_); }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
};

void write(const fs::path& path, std::string_view text) { std::ofstream{path} << text; }

}  // namespace

TEST_CASE("lines are in the order of their appends, readable by their owner only") {
  folder_of_lines here;
  json_lines_file file = here.open();
  CHECK(file.append("{\"number\":1}"));
  CHECK(file.append("{\"number\":2}"));
  CHECK(here.text() == "{\"number\":1}\n{\"number\":2}\n");
  struct stat status {};
  REQUIRE(stat(here.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(file.dropped().empty());
}

TEST_CASE("what an earlier process wrote stays, and its half line is ended") {
  folder_of_lines here;
  write(here.path, "{\"old\":1}\n{\"hal");
  CHECK(here.open().append("{\"new\":1}"));
  CHECK(here.open().append("{\"new\":2}"));
  CHECK(here.text() == "{\"old\":1}\n{\"hal\n{\"new\":1}\n{\"new\":2}\n");
}

TEST_CASE("a full file is rotated, and as many as the options say are retained") {
  folder_of_lines here;
  json_lines_file file = here.open({.most_bytes = 10, .kept_files = 2});
  for (const char* line : {"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"}) {
    CHECK(file.append(line));
  }
  CHECK(here.names() == "slow.jsonl slow.jsonl.1 slow.jsonl.2");
  CHECK(here.text() == "gggg\n");
  CHECK(here.text(".1") == "eeee\nffff\n");
  CHECK(here.text(".2") == "cccc\ndddd\n");
}

TEST_CASE("the bytes of an earlier process count") {
  folder_of_lines here;
  write(here.path, "12345678\n");
  json_lines_file file = here.open({.most_bytes = 10});
  CHECK(file.append("new"));
  CHECK(here.text() == "new\n");
  CHECK(here.text(".1") == "12345678\n");
}

TEST_CASE("without files to retain, a full one is emptied") {
  folder_of_lines here;
  json_lines_file file = here.open({.most_bytes = 10, .kept_files = 0});
  for (const char* line : {"aaaa", "bbbb", "cccc"}) CHECK(file.append(line));
  CHECK(here.names() == "slow.jsonl");
  CHECK(here.text() == "cccc\n");
}

TEST_CASE("a file that cannot be rotated grows no further") {
  folder_of_lines here;
  fs::create_directories(here.path.string() + ".1/occupied");
  json_lines_file file = here.open({.most_bytes = 10, .kept_files = 1});
  CHECK(file.append("aaaa"));
  CHECK(file.append("bbbb"));
  CHECK_FALSE(file.append("cccc"));
  CHECK(here.text() == "aaaa\nbbbb\n");
  CHECK(file.dropped() == losses{{"not_rotated", 1}});
}

TEST_CASE("a full disk is counted, and reported") {
  folder_of_lines here;
  json_lines_file file = here.open({.path = "/dev/full"});
  CHECK_FALSE(file.append("{}"));
  CHECK_FALSE(file.append("{}"));
  CHECK(file.dropped() == losses{{"disk_full", 2}});
  CHECK_THAT(here.telemetry.text("querytap.file.dropped"),
             Catch::Contains("querytap.reason=disk_full value=2"));
}

TEST_CASE("a line of which only half fits is removed") {
  folder_of_lines here;
  json_lines_file file = here.open();
  REQUIRE(file.append("whole"));
  {
    const file_size_limit limit{10};  // SIGXFSZ would end this test
    CHECK_FALSE(file.append("cut in the middle"));
    CHECK(here.text() == "whole\n");
    CHECK_FALSE(file.append("no room"));
    CHECK(file.append("4 b"));
    CHECK_FALSE(file.append("x"));
  }
  CHECK(file.append("after"));
  CHECK(here.text() == "whole\n4 b\nafter\n");
  CHECK(file.dropped() == losses{{"file_size_limit", 3}});
  sigset_t pending;
  REQUIRE(sigpending(&pending) == 0);
  CHECK(sigismember(&pending, SIGXFSZ) == 0);
}

TEST_CASE("a file that was moved away or removed is made anew") {
  folder_of_lines here;
  json_lines_file file = here.open();
  CHECK(file.append("first"));
  fs::rename(here.path, here.path.string() + ".moved");
  CHECK(file.append("second"));
  CHECK(here.text(".moved") == "first\n");
  CHECK(here.text() == "second\n");
  fs::remove(here.path);
  CHECK(file.append("third"));
  CHECK(here.text() == "third\n");
}

TEST_CASE("lines are lost while the folder is missing, and no longer") {
  folder_of_lines here;
  const fs::path inner = here.folder.path() / "logs";
  fs::create_directory(inner);
  json_lines_file file = here.open({.path = (inner / "slow.jsonl").string()});
  fs::remove_all(inner);
  CHECK_FALSE(file.append("lost"));
  fs::create_directory(inner);
  CHECK(file.append("kept"));
  CHECK(read_text(inner / "slow.jsonl") == "kept\n");
  CHECK(file.dropped() == losses{{"not_opened", 1}});
}

TEST_CASE("a text that is not one line, or can never fit, is refused") {
  folder_of_lines here;
  json_lines_file file = here.open({.most_bytes = 10});
  CHECK_FALSE(file.append(""));
  CHECK_FALSE(file.append("two\nlines"));
  CHECK_FALSE(file.append("0123456789"));
  CHECK(file.append("012345678"));
  CHECK(here.text() == "012345678\n");
  CHECK(file.dropped() == losses{{"line_too_long", 1}, {"not_a_line", 2}});
}

TEST_CASE("lines of many threads are whole, and none is lost") {
  constexpr int threads = 4;
  constexpr int lines = 500;
  folder_of_lines here;
  json_lines_file file = here.open({.most_bytes = 2000, .kept_files = 100});
  std::vector<std::thread> writers;
  for (int thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&file, thread] {
      for (int i = 0; i < lines; ++i) {
        file.append("line " + std::to_string(thread) + ' ' + std::to_string(i) + " whole");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::set<std::string> seen;
  for (const auto& entry : fs::directory_iterator{here.folder.path()}) {
    CHECK(fs::file_size(entry.path()) <= 2000);
    std::istringstream text{read_text(entry.path())};
    for (std::string line; std::getline(text, line);) {
      CHECK((line.starts_with("line ") && line.ends_with(" whole")));
      seen.insert(line);
    }
  }
  CHECK(seen.size() == threads * lines);
  CHECK(file.dropped().empty());
}

TEST_CASE("options that cannot be used are named, with their value") {
  folder_of_lines here;
  const auto refusal = [&](const json_lines_file_options& options) -> std::string {
    try {
      const json_lines_file file{here.telemetry.recorder(), options};
      return "accepted";
    } catch (const configuration_error& error) {
      return error.what();
    }
  };
  const std::string folder = here.folder.path().string();
  const std::string pipe = folder + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(refusal({}) == "querytap: option 'path' = '': expected the name of a file");
  CHECK(refusal({.path = folder}) == "querytap: option 'path' = '" + folder + "': Is a directory");
  CHECK(refusal({.path = folder + "/none/a"}) ==
        "querytap: option 'path' = '" + folder + "/none/a': No such file or directory");
  CHECK(refusal({.path = pipe}) == "querytap: option 'path' = '" + pipe + "': expected a file");
  CHECK(refusal({.path = std::string{"a\0b", 3}}) ==
        "querytap: option 'path' = 'a': a byte of it is 0");
  CHECK(refusal({.path = here.path.string(), .most_bytes = 0}) ==
        "querytap: option 'most_bytes' = '0': no line finds room in a file without bytes");
  CHECK(refusal({.path = here.path.string(), .kept_files = 1001}) ==
        "querytap: option 'kept_files' = '1001': expected at most 1000");
  CHECK_FALSE(fs::exists(here.path));
}
