#include "matrix.hpp"

#include "options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <tuple>

namespace querytap::bench::matrix {
namespace detail {

double resident_bytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    if (word != "RssAnon:") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  throw std::runtime_error{"/proc/self/status has no RssAnon"};
}

double durations::p999() const noexcept {
  std::uint64_t total = 0;
  for (const std::uint32_t count : counts_) total += count;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < size; ++i) {
    seen += counts_[i];
    if (seen * 1000 < total * 999 || seen == 0) continue;
    const std::size_t shift = i < (std::size_t{2} << bits) ? 0 : (i >> bits) - 1;
    return static_cast<double>((i - (shift << bits)) << shift);
  }
  return 0;
}

}  // namespace detail

namespace {

using nlohmann::json;

struct cell {
  std::string contender;
  matrix::setting setting;
  matrix::costs costs;
};

std::string_view name_of(company company) {
  switch (company) {
    case company::quiet: return "quiet";
    case company::scraped: return "scraped";
    case company::come_and_go: return "come_and_go";
  }
  return {};
}

company company_called(std::string_view name) {
  for (const company each : {company::quiet, company::scraped, company::come_and_go}) {
    if (name_of(each) == name) return each;
  }
  throw std::invalid_argument{"no company is called '" + std::string{name} + "'"};
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream{list};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

std::vector<setting> settings(const std::string& threads, const std::string& series) {
  std::vector<setting> result;
  for (const std::string& t : split(threads)) {
    for (const std::string& s : split(series)) {
      for (const company each : {company::quiet, company::scraped, company::come_and_go}) {
        result.push_back({std::stoul(t), std::stoul(s), each});
      }
    }
  }
  return result;
}

// A child has the memory of no earlier contender, and nothing that one left running.
costs measure_in_child(const entry& entry, const setting& setting,
                       std::chrono::duration<double> time) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error{"pipe() failed"};
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error{"fork() failed"};
  if (child == 0) {
    alarm(60);  // a contender that hangs ends, and is told of
    const costs measured = entry.measure(setting, time);
    _exit(write(ends[1], &measured, sizeof measured) == sizeof measured ? 0 : 1);
  }
  close(ends[1]);
  costs measured{};
  const bool complete = read(ends[0], &measured, sizeof measured) == sizeof measured;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!complete) throw std::runtime_error{std::string{entry.name} + " did not end"};
  return measured;
}

std::vector<cell> measure_all(const std::vector<entry>& entries,
                              const std::vector<setting>& settings,
                              std::chrono::duration<double> time) {
  latencies();  // every child has them
  std::vector<cell> cells;
  for (const setting& setting : settings) {
    for (const entry& entry : entries) {
      cells.push_back({std::string{entry.name}, setting, measure_in_child(entry, setting, time)});
    }
  }
  return cells;
}

void write_json(const std::string& file, const std::vector<cell>& cells) {
  if (file.empty()) return;
  json figures = json::array();
  for (const auto& [contender, setting, costs] : cells) {
    const auto name = fmt::format("{}_threads/{}_series/{}/{}", setting.threads, setting.series,
                                  name_of(setting.company), contender);
    figures.push_back({{"run_name", "recording/matrix/" + name},
                       {"cpu_time", costs.nanoseconds},
                       {"bytes", costs.bytes},
                       {"contender", contender},
                       {"setting", {setting.threads, setting.series, name_of(setting.company)}},
                       {"p999", costs.p999}});
    figures.push_back({{"run_name", "recording/matrix_p999/" + name}, {"real_time", costs.p999}});
  }
  std::ofstream{file} << json{{"benchmarks", figures}}.dump(2) << '\n';
}

std::vector<cell> read_json(const std::string& files) {
  std::vector<cell> cells;
  for (const std::string& file : split(files)) {
    std::ifstream stream{file};
    if (!stream) throw std::runtime_error{"cannot read " + file};
    const json content = json::parse(stream);
    for (const json& figure : content.at("benchmarks")) {
      if (!figure.contains("setting")) continue;
      const json& at = figure.at("setting");
      cells.push_back({figure.at("contender"),
                       {at.at(0), at.at(1), company_called(at.at(2).get<std::string>())},
                       {figure.at("cpu_time"), figure.at("p999"), figure.at("bytes")}});
    }
  }
  return cells;
}

std::string three_digits(double value) {
  return value < 100 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

std::string time_text(double nanoseconds) {
  if (nanoseconds < 1e3) return three_digits(nanoseconds) + " ns";
  if (nanoseconds < 1e6) return three_digits(nanoseconds / 1e3) + " µs";
  return three_digits(nanoseconds / 1e6) + " ms";
}

std::string bytes_text(double bytes) {
  return bytes < (1 << 20) ? three_digits(bytes / 1024) + " KiB"
                           : three_digits(bytes / (1 << 20)) + " MiB";
}

// In Markdown: a row for each setting, a column for each contender.
void print(const std::vector<cell>& cells) {
  using row_key = std::tuple<std::size_t, std::size_t, company>;
  std::vector<std::string> contenders;
  std::map<row_key, std::map<std::string, costs>> rows;
  for (const auto& [contender, setting, costs] : cells) {
    if (std::find(contenders.begin(), contenders.end(), contender) == contenders.end())
      contenders.push_back(contender);
    rows[{setting.threads, setting.series, setting.company}][contender] = costs;
  }
  fmt::print("| threads | series | |");
  for (const std::string& contender : contenders) fmt::print(" {} |", contender);
  fmt::print("\n|--:|--:|---|");
  for (std::size_t i = 0; i < contenders.size(); ++i) fmt::print("---|");
  for (const auto& [key, by_contender] : rows) {
    const auto& [threads, series, with] = key;
    std::string text{name_of(with)};
    std::replace(text.begin(), text.end(), '_', ' ');
    fmt::print("\n| {} | {} | {} |", threads, series, text);
    for (const std::string& contender : contenders) {
      const auto found = by_contender.find(contender);
      if (found == by_contender.end()) {
        fmt::print(" – |");
      } else {
        fmt::print(" {} · {} · {} |", time_text(found->second.nanoseconds),
                   time_text(found->second.p999), bytes_text(found->second.bytes));
      }
    }
  }
  fmt::print("\n");
}

}  // namespace

int run(int argc, char** argv, const std::vector<entry>& entries) try {
  refuse_others(argc, argv, {"seconds", "threads", "series", "out", "print"});
  const std::string files = option(argc, argv, "print", "");
  if (!files.empty()) {
    print(read_json(files));
    return 0;
  }
  const std::chrono::duration<double> time{std::stod(option(argc, argv, "seconds", "0.6"))};
  const auto cells = measure_all(entries,
                                 settings(option(argc, argv, "threads", "1,2,8,64"),
                                          option(argc, argv, "series", "1,64,2000")),
                                 time);
  print(cells);
  write_json(option(argc, argv, "out", ""), cells);
  return 0;
} catch (const std::exception& failure) {
  fmt::print(stderr, "matrix: {}\n", failure.what());
  return 1;
}

}  // namespace querytap::bench::matrix
