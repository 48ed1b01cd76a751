// Makes the rules of Prometheus from objectives.
//
//     $ generate_rules objectives.yaml rules
//     $ generate_rules --faster 240 objectives.yaml /tmp/rules      # to try alerts out in seconds
//     $ generate_rules --store victoriametrics objectives.yaml /tmp/rules
//
// It writes recording.yaml, alerts.yaml and anomalies.yaml into the folder, which exists.

#include "rules.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage =
    "usage: generate_rules [--faster N] [--store prometheus|victoriametrics] OBJECTIVES FOLDER\n";

struct arguments {
  ops_rules::rule_options options;
  std::string objectives;
  std::string folder;
};

int parse_faster(std::string_view text) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size() || number < 1) {
    throw std::invalid_argument{
        fmt::format("--faster {}: expected a whole number from 1 on", text)};
  }
  return number;
}

ops_rules::store parse_store(std::string_view text) {
  if (text == "prometheus") return ops_rules::store::prometheus;
  if (text == "victoriametrics") return ops_rules::store::victoria_metrics;
  throw std::invalid_argument{
      fmt::format("--store {}: expected prometheus or victoriametrics", text)};
}

arguments parse(std::span<char*> words) {
  arguments parsed;
  while (words.size() > 2 && std::string_view{words[0]}.starts_with("--")) {
    const std::string_view name = words[0];
    if (name == "--faster") {
      parsed.options.faster = parse_faster(words[1]);
    } else if (name == "--store") {
      parsed.options.reader = parse_store(words[1]);
    } else {
      throw std::invalid_argument{fmt::format("unknown option {}", name)};
    }
    words = words.subspan(2);
  }
  if (words.size() != 2) throw std::invalid_argument{"expected a file of objectives and a folder"};
  parsed.objectives = words[0];
  parsed.folder = words[1];
  return parsed;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  if (!out.flush()) throw std::runtime_error{"cannot write " + file.string()};
}

void generate(const arguments& wanted) {
  const ops_rules::objectives all = ops_rules::read_objectives(wanted.objectives);
  const std::filesystem::path folder{wanted.folder};
  const auto text = [&](const std::vector<ops_rules::rule_group>& groups) {
    return ops_rules::rule_file(groups, all.runbooks, wanted.options);
  };
  write(folder / "recording.yaml", text(ops_rules::recording_groups(all, wanted.options.reader)));
  write(folder / "alerts.yaml", text(ops_rules::alert_groups(all, wanted.options.faster)));
  write(folder / "anomalies.yaml", text(ops_rules::anomaly_groups()));
}

}  // namespace

int main(int count, char** words) {
  try {
    generate(parse(std::span{words, static_cast<std::size_t>(count)}.subspan(1)));
    return 0;
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "generate_rules: {}\n{}", error.what(), usage);
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "generate_rules: {}\n", error.what());
    return 1;
  }
}
