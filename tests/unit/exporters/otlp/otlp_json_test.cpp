// Whatever valid protobuf says is JSON that says the same, also when others have written it.

#include <querytap/exporters/otlp/otlp_json.hpp>

#include <protozero/pbf_writer.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace querytap;
using protozero::pbf_writer;

namespace {

/// The JSON of an attribute of a resource, whose value `write` writes.
template <class Write>
std::string json_of_value(Write write) {
  std::string bytes;
  pbf_writer request{bytes};
  pbf_writer resource_metrics{request, 1};
  pbf_writer resource{resource_metrics, 1};
  pbf_writer attribute{resource, 1};
  pbf_writer value{attribute, 2};
  write(value);
  value.commit();
  attribute.commit();
  resource.commit();
  resource_metrics.commit();
  const std::string json = otlp_json(otlp_signal::metrics, bytes);
  const std::string before = R"({"resourceMetrics":[{"resource":{"attributes":[{"value":{)";
  REQUIRE(json.starts_with(before));
  return json.substr(before.size(), json.find('}') - before.size());
}

std::string json_of_text(const std::string& text) {
  return json_of_value([&](pbf_writer& value) { value.add_string(1, text); });
}

std::string json_of_double(double number) {
  return json_of_value([&](pbf_writer& value) { value.add_double(4, number); });
}

}  // namespace

TEST_CASE("texts are escaped where JSON demands it, and valid UTF-8") {
  CHECK(json_of_text("a\"b\\c/") == R"("stringValue":"a\"b\\c/")");
  CHECK(json_of_text("\b\f\n\r\t\x01\x1F\x7F") ==
        "\"stringValue\":\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
  CHECK(json_of_text("ü\xFF") == "\"stringValue\":\"ü\xEF\xBF\xBD\"");
  CHECK(json_of_text({}) == R"("stringValue":"")");
}

TEST_CASE("doubles are numbers with all their digits, or the names that protobuf gives them") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(json_of_double(0.1) == R"("doubleValue":0.1)");
  CHECK(json_of_double(-3) == R"("doubleValue":-3.0)");
  CHECK(json_of_double(1e300) == R"("doubleValue":1e+300)");
  CHECK(json_of_double(-infinity) == R"("doubleValue":"-Infinity")");
  CHECK(json_of_double(std::numeric_limits<double>::quiet_NaN()) == R"("doubleValue":"NaN")");
}

TEST_CASE("a field that stands in a message twice is a list or has its last value") {
  std::string bytes;
  pbf_writer request{bytes};
  for (const char* unit : {"a", "b"}) {
    pbf_writer resource_metrics{request, 1};
    pbf_writer scope_metrics{resource_metrics, 2};
    pbf_writer scope{scope_metrics, 1};
    scope.add_string(1, "first");
    scope.add_string(2, "1");
    scope.add_string(1, "last");
    scope.commit();
    pbf_writer metric{scope_metrics, 2};
    metric.add_string(3, unit);
    metric.commit();
    scope_metrics.add_string(3, "a field that is not known here");
  }
  const std::string scope = R"("scope":{"name":"last","version":"1"})";
  CHECK(otlp_json(otlp_signal::metrics, bytes) ==
        R"({"resourceMetrics":[{"scopeMetrics":[{)" + scope +
            R"(,"metrics":[{"unit":"a"}]}]},{"scopeMetrics":[{)" + scope +
            R"(,"metrics":[{"unit":"b"}]}]}]})");
}

TEST_CASE("equal and empty lists of bounds are written each time") {
  std::string bytes;
  pbf_writer request{bytes};
  pbf_writer resource_metrics{request, 1};
  pbf_writer scope_metrics{resource_metrics, 2};
  pbf_writer metric{scope_metrics, 2};
  pbf_writer histogram{metric, 9};
  for (const std::vector<double>& bounds :
       {std::vector<double>{}, {0.5, 1}, {0.5, 1}, {}, {0.5, 2}}) {
    pbf_writer point{histogram, 1};
    if (bounds.empty()) point.add_string(7, "");  // protozero leaves an empty list out
    point.add_packed_double(7, bounds.begin(), bounds.end());
  }
  histogram.commit();
  metric.commit();
  scope_metrics.commit();
  resource_metrics.commit();
  CHECK(
      otlp_json(otlp_signal::metrics, bytes)
          .find(
              R"([{"explicitBounds":[]},{"explicitBounds":[0.5,1.0]},{"explicitBounds":[0.5,1.0]},)"
              R"({"explicitBounds":[]},)"
              R"({"explicitBounds":[0.5,2.0]}])") != std::string::npos);
}
