// Any Accept header chooses a format that it names, and the same format when an unknown type is
// added.

#include <querytap/exporters/prometheus/scrape_format.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace querytap;

namespace {

void require(bool right) {
  if (!right) std::abort();
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string header{reinterpret_cast<const char*>(data), size};
  const scrape_format chosen = choose_format(header);
  const std::string text = lower(header);
  switch (chosen) {
    case scrape_format::text: break;
    case scrape_format::open_metrics:
      require(text.find("application/openmetrics-text") != std::string::npos);
      break;
    case scrape_format::protobuf:
      require(text.find("io.prometheus.client.metricfamily") != std::string::npos);
      break;
    default: require(false);
  }
  require(choose_format("image/png," + header) == chosen);
  if (accepts_gzip(header)) {
    require(text.find("gzip") != std::string::npos || text.find('*') != std::string::npos);
  }
  return 0;
}
