// Writes Grafana's dashboards, and the rules that record what they read over long ranges.
//
//     $ generate_dashboards examples/ops

#include "dashboards.hpp"
#include "grafana_json.hpp"
#include "recorded.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  if (!out.flush()) throw std::runtime_error{"cannot write " + file.string()};
}

void generate(const std::filesystem::path& folder) {
  const std::filesystem::path wide = folder / "dashboards";
  const std::filesystem::path phone = wide / "phone";
  std::filesystem::create_directories(phone);
  std::filesystem::create_directories(folder / "rules");
  for (const ops::dashboard& drawn : ops::all_dashboards()) {
    write(wide / (drawn.file + ".json"), ops::grafana_json(drawn, ops::layout::wide));
    write(phone / (drawn.file + ".json"), ops::grafana_json(drawn, ops::layout::phone));
  }
  write(folder / "rules" / "dashboards.yaml", ops::rule_file(ops::rules_of(ops::all_dashboards())));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: generate_dashboards OUT_FOLDER\n", stderr);
    return 2;
  }
  try {
    generate(arguments[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "generate_dashboards: %s\n", error.what());
    return 1;
  }
}
