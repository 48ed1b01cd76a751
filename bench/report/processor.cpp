#include "processor.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <thread>

namespace querytap::bench {
namespace {

// Of the first core: `cpu family      : 25`.
std::map<std::string, std::string> first_core() {
  std::map<std::string, std::string> values;
  std::ifstream stream{"/proc/cpuinfo"};
  for (std::string line; std::getline(stream, line) && !line.empty();) {
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const auto value = line.find_first_not_of(" \t", colon + 1);
    values[key] = value == line.npos ? "" : line.substr(value);
  }
  return values;
}

}  // namespace

processor read_processor() {
  auto core = first_core();
  std::string name = core["model name"];
  if (name.empty()) name = "unknown processor";
  return {fmt::format("{} (family {}, model {}), {} cores", name, core["cpu family"], core["model"],
                      std::thread::hardware_concurrency()),
          core["vendor_id"] == "AuthenticAMD"};
}

}  // namespace querytap::bench
