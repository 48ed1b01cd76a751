// Names and labels are those of OpenTelemetry's translation, so that a dashboard finds them on
// every path of the metrics.

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

namespace {

using namespace querytap;
using enum instrument_kind;

std::string name(std::string_view dotted, std::string_view unit, instrument_kind kind = gauge) {
  return prometheus_name(instrument{dotted, unit, kind, ""});
}

bool is_word(char c, bool first) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (!first && c >= '0' && c <= '9');
}

}  // namespace

TEST_CASE("our instruments have the names of the conventions", "[prometheus_name]") {
  CHECK(prometheus_name(catalog::operation_duration) == "db_client_operation_duration_seconds");
  CHECK(prometheus_name(catalog::returned_rows) == "db_client_response_returned_rows");
  CHECK(prometheus_name(catalog::connection_count) == "db_client_connection_count");
  CHECK(prometheus_name(catalog::connection_idle_max) == "db_client_connection_idle_max");
  CHECK(prometheus_name(catalog::connection_pending_requests) ==
        "db_client_connection_pending_requests");
  CHECK(prometheus_name(catalog::connection_timeouts) == "db_client_connection_timeouts_total");
  CHECK(prometheus_name(catalog::connection_create_time) ==
        "db_client_connection_create_time_seconds");
  CHECK(name("gen_ai.client.token.usage", "{token}") == "gen_ai_client_token_usage");
  CHECK(prometheus_name(catalog::memory_usage) == "querytap_memory_usage_bytes");
  CHECK(name("shop.retrieval.distance", "%") == "shop_retrieval_distance_percent");
  CHECK(prometheus_name(catalog::dropped) == "querytap_dropped_total");
}

TEST_CASE("characters that a name may not have become one underscore", "[prometheus_name]") {
  CHECK(name("a.b-c d/e", "") == "a_b_c_d_e");
  CHECK(name("a..b__c._d", "") == "a_b_c_d");
  CHECK(name(".a.", "") == "a");
  CHECK(name("a:b", "") == "a:b");
  CHECK(name("größe.b", "") == "gr_e_b");
  CHECK(name("Mixed.CASE9", "") == "Mixed_CASE9");
}

TEST_CASE("a name that begins with a digit gets an underscore before it", "[prometheus_name]") {
  CHECK(name("2xx.rate", "") == "_2xx_rate");
  CHECK(name("2xx", "", counter) == "_2xx_total");
}

TEST_CASE("the unit is the name's last word", "[prometheus_name]") {
  const std::pair<const char*, const char*> words[] = {
      {"d", "a_days"},          {"h", "a_hours"},
      {"min", "a_minutes"},     {"s", "a_seconds"},
      {"ms", "a_milliseconds"}, {"us", "a_microseconds"},
      {"ns", "a_nanoseconds"},  {"By", "a_bytes"},
      {"KiBy", "a_kibibytes"},  {"MiBy", "a_mebibytes"},
      {"GiBy", "a_gibibytes"},  {"TiBy", "a_tebibytes"},
      {"KBy", "a_kilobytes"},   {"MBy", "a_megabytes"},
      {"GBy", "a_gigabytes"},   {"TBy", "a_terabytes"},
      {"m", "a_meters"},        {"V", "a_volts"},
      {"A", "a_amperes"},       {"J", "a_joules"},
      {"W", "a_watts"},         {"g", "a_grams"},
      {"Cel", "a_celsius"},     {"Hz", "a_hertz"},
      {"%", "a_percent"},       {"", "a"},
      {"{thing}", "a"},         {"{any thing}", "a"},
      {"furlong", "a_furlong"}};
  for (const auto& [unit, expected] : words) {
    CAPTURE(unit);
    CHECK(name("a", unit) == expected);
    CHECK(name("a", unit, histogram) == expected);
  }
}

TEST_CASE("a unit that the name already has is not repeated", "[prometheus_name]") {
  CHECK(name("cpu.seconds", "s") == "cpu_seconds");
  CHECK(name("seconds.waited", "s") == "seconds_waited");
  CHECK(name("cpu.seconds", "s", counter) == "cpu_seconds_total");
  CHECK(name("milliseconds", "s") == "milliseconds_seconds");
}

TEST_CASE("a rate is one unit per another, singular", "[prometheus_name]") {
  CHECK(name("a", "By/s") == "a_bytes_per_second");
  CHECK(name("a", "m/m") == "a_meters_per_minute");
  CHECK(name("a", "1/h") == "a_per_hour");
  CHECK(name("a", "{request}/s") == "a_per_second");
  CHECK(name("a", "By/d") == "a_bytes_per_day");
  CHECK(name("a", "By/w") == "a_bytes_per_week");
  CHECK(name("a", "By/mo") == "a_bytes_per_month");
  CHECK(name("a", "By/y") == "a_bytes_per_year");
  CHECK(name("a", "By/{request}") == "a_bytes");
  CHECK(name("a", "By/") == "a_bytes");
  CHECK(name("a", "By/furlong") == "a_bytes_per_furlong");
}

TEST_CASE("a counter ends in total, once", "[prometheus_name]") {
  CHECK(name("a", "", counter) == "a_total");
  CHECK(name("a.total", "", counter) == "a_total");
  CHECK(name("a.total.b", "By", counter) == "a_b_bytes_total");
  CHECK(name("a.total", "") == "a_total");
  CHECK(name("a", "1", counter) == "a_total");
}

TEST_CASE("a gauge without a unit is a ratio, nothing else is", "[prometheus_name]") {
  CHECK(name("a", "1", gauge) == "a_ratio");
  CHECK(name("a.ratio", "1", gauge) == "a_ratio");
  CHECK(name("a", "1", up_down_counter) == "a");
  CHECK(name("a", "1", histogram) == "a");
}

TEST_CASE("keys become labels", "[prometheus_name]") {
  CHECK(prometheus_label("db.system.name") == "db_system_name");
  CHECK(prometheus_label("plain") == "plain");
  CHECK(prometheus_label("a..b--c") == "a_b_c");
  CHECK(prometheus_label("a:b") == "a_b");
  CHECK(prometheus_label("2xx") == "key_2xx");
  CHECK(prometheus_label("größe") == "gr_e");
}

TEST_CASE("no key becomes a label that is reserved or illegal", "[prometheus_name]") {
  CHECK(prometheus_label("__name__") == "_name_");
  std::mt19937 random{3};
  for (int i = 0; i < 10'000; ++i) {
    std::string key(1 + random() % 8, ' ');
    for (char& c : key) c = static_cast<char>(random() % 3 == 0 ? '_' : random());
    const std::string label = prometheus_label(key);
    bool legal = !label.empty() && !label.starts_with("__");
    for (std::size_t at = 0; at < label.size(); ++at) legal = legal && is_word(label[at], at == 0);
    if (!legal) {
      CAPTURE(key, label);
      CHECK(legal);
    }
  }
}
