// A scrape is answered in the format that the server prefers, and never in a format that its header
// does not name if there is one that it names.

#include <querytap/exporters/prometheus/scrape_format.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;

namespace {

constexpr std::string_view protobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

std::string chosen(const std::string& accept) {
  return std::string{to_string(choose_format(accept))};
}

}  // namespace

TEST_CASE("Prometheus gets what it prefers") {
  // 2.42 with native histograms, 2.42 without, 3.
  CHECK(chosen(std::string{protobuf} +
               ",application/openmetrics-text;version=1.0.0;q=0.8,"
               "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
               "*/*;q=0.1") == "protobuf");
  CHECK(chosen("application/openmetrics-text;version=1.0.0,"
               "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
               "*/*;q=0.1") == "open_metrics");
  CHECK(chosen("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
               "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
               "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2") ==
        "open_metrics");
  CHECK(chosen("text/plain;version=0.0.4;q=1,*/*;q=0.1") == "text");
}

TEST_CASE("the highest weight wins, and of equal ones the first") {
  CHECK(chosen("text/plain;q=0.5,application/openmetrics-text;q=0.6") == "open_metrics");
  CHECK(chosen("text/plain;q=0.6,application/openmetrics-text;q=0.5") == "text");
  CHECK(chosen("text/plain,application/openmetrics-text") == "text");
  CHECK(chosen("application/openmetrics-text,text/plain") == "open_metrics");
  CHECK(chosen("application/openmetrics-text;q=0,text/plain;q=0.001") == "text");
}

TEST_CASE("a format that is not offered is passed over") {
  CHECK(chosen("application/openmetrics-text;version=2.0.0,text/plain;q=0.1") == "text");
  CHECK(chosen("application/vnd.google.protobuf,text/plain;q=0.1") == "text");
  CHECK(chosen("application/vnd.google.protobuf;proto=other;encoding=delimited,"
               "application/openmetrics-text;q=0.1") == "open_metrics");
  CHECK(chosen("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
               "encoding=text,text/plain;q=0.1") == "text");
  CHECK(chosen("text/plain;version=1.0.0,application/openmetrics-text;q=0.1") == "open_metrics");
}

TEST_CASE("without a format that can be served, it is text") {
  CHECK(chosen("") == "text");
  CHECK(chosen("image/png") == "text");
  CHECK(chosen("application/openmetrics-text;q=0") == "text");
  CHECK(chosen("*/*") == "text");
}

TEST_CASE("blanks, cases and quotes do not matter") {
  CHECK(chosen("  Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.9 , text/plain;q=0.1") ==
        "open_metrics");
  CHECK(chosen("text/plain;note=\"a,b;q=1\";q=0.2,application/openmetrics-text;q=0.3") ==
        "open_metrics");
}

TEST_CASE("a weight that is not a number from 0 to 1 counts as 0") {
  for (const std::string weight : {"abc", "", "-1", "2", "0.5x", "1e0", "nan"}) {
    CAPTURE(weight);
    CHECK(chosen("application/openmetrics-text;q=" + weight + ",text/plain;q=0.1") == "text");
  }
}

TEST_CASE("gzip is used where it is allowed") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("deflate, GZIP;q=0.5"));
  CHECK(accepts_gzip("x-gzip"));
  CHECK(accepts_gzip("*"));
  CHECK_FALSE(accepts_gzip(""));
  CHECK_FALSE(accepts_gzip("identity"));
  CHECK_FALSE(accepts_gzip("gzip;q=0"));
  CHECK_FALSE(accepts_gzip("gzip;q=0, *"));
  CHECK_FALSE(accepts_gzip("*;q=0"));
  CHECK_FALSE(accepts_gzip("zgzip"));
}
