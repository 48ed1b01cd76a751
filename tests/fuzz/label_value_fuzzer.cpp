// An attribute of any bytes is rendered as valid UTF-8 that a strict parser reads back, and the
// series beside it is unchanged.

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace querytap;
using namespace querytap::testing;

namespace {

void require(bool right) {
  if (!right) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string_view key = bytes.substr(0, bytes.find('='));
  const std::string_view value = bytes.substr(std::min(bytes.size(), key.size() + 1));
  snapshot_builder builder;
  builder.set_resource({"service.name", value});
  builder.record(catalog::operation_duration,
                 {{"db.namespace", value}, {"k" + std::string{key}, "x"}}, {1, 2'000'000});
  builder.add(catalog::lanes, {{"a", value}}, 7);

  const std::string text = prometheus_text{}.render(builder.get());
  const auto families = parse_exposition(text);
  require(families.size() == 3);
  const exposed_sample& last = families.back().samples.at(0);
  require(last.value == 7 && is_utf8(last.labels.at("a")));
  if (is_utf8(value)) require(last.labels.at("a") == value);

  const std::string open = open_metrics{}.render(builder.get());
  require(is_utf8(open) && open.ends_with("\n# EOF\n"));
  require(std::ranges::count(open, '\n') == std::ranges::count(text, '\n') + 2);
  return 0;
}
