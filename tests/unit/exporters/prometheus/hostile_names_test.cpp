// Whatever instruments and attributes are called, a scrape is valid in every format, with each series once
// and none lost, and says how many had to get another name.

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/delimited.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/exporters/prometheus/hostile_snapshot.hpp>
#include <unit/exporters/prometheus/protoc.hpp>
#include <unit/exporters/prometheus/python_client.hpp>

#include <exporters/prometheus/family_names.hpp>
#include <exporters/prometheus/series_labels.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

/// promtool's errors: what it says of names and HELP that only style forbids is left out.
std::string refused_by_promtool(const std::string& text) {
  const temporary_folder folder;
  const std::string file = folder.path() / "metrics";
  std::ofstream{file, std::ios::binary} << text;
  const finished check = run({"/bin/sh", "-c", "exec promtool check metrics < \"$1\"", "sh", file});
  constexpr int only_style_advice = 3;
  const bool is_accepted = check.exit_code == 0 || check.exit_code == only_style_advice;
  return is_accepted ? "" : fmt::format("exit code {}: {}", check.exit_code, check.output);
}

std::string refused_by_python(const std::string& text, const std::string& parser) {
  const finished check = read_by_python(text, parser);
  constexpr std::size_t most_shown = 2000;
  const std::size_t begin = check.output.size() - std::min(check.output.size(), most_shown);
  return check.exit_code == 0 ? "" : check.output.substr(begin);
}

/// Each sample name with the labels of its series, those without a value left out, as a reader of protobuf would
/// store them.
class protobuf_series {
 public:
  explicit protobuf_series(const std::string& body) {
    for (const std::string& family : split_delimited(body)) read_family(family);
  }
  [[nodiscard]] const std::multiset<std::string>& all() const { return all_; }

 private:
  void read_family(const std::string& family) {
    protozero::pbf_reader fields{family};
    std::string name;
    while (fields.next()) {
      if (fields.tag() == 1) {
        name = fields.get_string();
      } else if (fields.tag() == 4) {
        all_.insert(name + labels_in(fields.get_message()));
      } else {
        fields.skip();
      }
    }
  }

  static std::string labels_in(protozero::pbf_reader metric) {
    std::map<std::string, std::string> labels;
    while (metric.next()) {
      if (metric.tag() != 1) {
        metric.skip();
        continue;
      }
      protozero::pbf_reader pair = metric.get_message();
      std::string name;
      std::string value;
      while (pair.next()) {
        std::string& part = pair.tag() == 1 ? name : value;
        part = pair.get_string();
      }
      CHECK(is_utf8(value));
      CHECK(labels.emplace(name, value).second);
    }
    std::string text;
    for (const auto& [name, value] : labels) {
      if (!value.empty()) text += fmt::format("{}=\"{}\" ", name, value);
    }
    return '{' + text + '}';
  }

  std::multiset<std::string> all_;
};

/// The same of text 0.0.4.
std::multiset<std::string> series_in_text(const std::string& text) {
  std::multiset<std::string> all;
  for (const exposed_family& family : parse_exposition(text)) {
    for (const exposed_sample& sample : family.samples) {
      const bool is_part = family.type == "histogram" && sample.name != family.name + "_count";
      if (is_part) continue;
      std::string labels;
      for (const auto& [name, value] : sample.labels) {
        if (!value.empty()) labels += fmt::format("{}=\"{}\" ", name, value);
      }
      all.insert(family.name + '{' + labels + '}');
    }
  }
  return all;
}

std::set<std::string> twice_in(const std::multiset<std::string>& all) {
  std::set<std::string> found;
  for (const std::string& series : all) {
    if (all.count(series) > 1) found.insert(series.substr(0, 200));
  }
  return found;
}

snapshot of(const std::vector<std::pair<const instrument*, attributes>>& series) {
  snapshot_builder builder;
  for (const auto& [instrument, labels] : series) {
    if (instrument->kind == instrument_kind::histogram) {
      builder.record(*instrument, labels, {1});
    } else {
      builder.add(*instrument, labels, 1);
    }
  }
  return builder.get();
}

std::string families_in(const std::string& text) {
  std::string names;
  for (const exposed_family& family : parse_exposition(text)) {
    names += family.name + ' ' + family.type + '\n';
  }
  return names;
}

constexpr double one_bound[] = {1};
constexpr instrument gauge_of(std::string_view name) {
  return {name, "", instrument_kind::gauge, "A."};
}
constexpr instrument counter_of(std::string_view name) {
  return {name, "", instrument_kind::counter, "A."};
}
constexpr instrument histogram_of(std::string_view name) {
  return {name, "", instrument_kind::histogram, "A.", one_bound};
}

}  // namespace

TEST_CASE("hostile names leave as text that promtool and the Python client take", "[hostile]") {
  const std::string text = prometheus_text{}.render(hostile_snapshot{}.get());
  CHECK_NOTHROW(parse_exposition(text));
  CHECK(refused_by_promtool(text) == "");
  CHECK(refused_by_python(text, "parser") == "");
}

TEST_CASE("hostile names leave as OpenMetrics that the Python client takes", "[hostile]") {
  CHECK(refused_by_python(open_metrics{}.render(hostile_snapshot{}.get()), "openmetrics.parser") ==
        "");
}

TEST_CASE("hostile names leave as the same series in text and protobuf, each once, none lost",
          "[hostile]") {
  const hostile_snapshot hostile;
  const auto text = series_in_text(prometheus_text{}.render(hostile.get()));
  const auto protobuf = protobuf_series{prometheus_protobuf{}.render(hostile.get())}.all();
  CHECK(twice_in(text).empty());
  CHECK((text == protobuf));
  const auto reports = std::ranges::count_if(text, [](const std::string& series) {
    return series.starts_with("querytap_scrape_renamed{");
  });
  CHECK(reports > 50);
  CHECK(text.size() == hostile.series() + static_cast<std::size_t>(reports) + 1);  // target_info
}

TEST_CASE("hostile names are decoded by protoc", "[hostile]") {
  const auto families = split_delimited(prometheus_protobuf{}.render(hostile_snapshot{}.get()));
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, families.size() - 1}) {
    CHECK_THAT(decoded_by_protoc(families.at(i)), Catch::StartsWith("name: \""));
  }
}

TEST_CASE("a family whose name belongs to another gets a number, and keeps its name from then on",
          "[hostile]") {
  static constexpr instrument histogram = histogram_of("x");
  static constexpr instrument count = gauge_of("x.count");
  static constexpr instrument counter = counter_of("y");
  static constexpr instrument total = gauge_of("y.total");
  prometheus_text format;
  CHECK(families_in(
            format.render(of({{&histogram, {}}, {&count, {}}, {&counter, {}}, {&total, {}}}))) ==
        "x histogram\n"
        "x_count_2 gauge\n"
        "y_total counter\n"
        "y_total_2 gauge\n"
        "querytap_scrape_renamed gauge\n");
  CHECK(families_in(format.render(of({{&count, {}}, {&total, {}}}))) ==
        "x_count_2 gauge\n"
        "y_total_2 gauge\n"
        "querytap_scrape_renamed gauge\n");
}

TEST_CASE("these pairs of instruments leave under names that no reader confuses", "[hostile]") {
  const auto expect = [](const instrument& first, const instrument& second,
                         const std::string& second_name) {
    detail::family_names names;
    const detail::family_name taken = names.take(first);
    CHECK_FALSE(taken.is_renamed);
    const detail::family_name other = names.take(second);
    CAPTURE(first.name, second.name);
    CHECK(other.sample == second_name);
    CHECK(other.is_renamed == (other.sample != prometheus_name(second)));
  };
  for (const char* part : {"count", "sum", "bucket", "created"}) {
    static std::deque<std::string> stored;
    const std::string& name = stored.emplace_back("x." + std::string{part});
    expect(histogram_of("x"), gauge_of(name), fmt::format("x_{}_2", part));
    expect(gauge_of(name), histogram_of("x"), "x_2");
  }
  expect(counter_of("x"), gauge_of("x"), "x_2");
  expect(counter_of("x"), gauge_of("x.total"), "x_total_2");
  expect(counter_of("x"), gauge_of("x.created"), "x_created_2");
  expect(counter_of("x"), counter_of("x.total"), "x_2_total");
  expect(counter_of("x"), histogram_of("x"), "x_2");
  expect(counter_of("x.y"), counter_of("x_y"), "x_y_2_total");
  expect(gauge_of("x"), gauge_of("x.y"), "x_y");
  expect(gauge_of("x"), gauge_of("x.count"), "x_count");
  expect(histogram_of("x"), counter_of("x.count"), "x_count_2_total");  // OpenMetrics' x_count
  expect({"x", "s", instrument_kind::gauge, ""}, {"x.seconds", "", instrument_kind::gauge, ""},
         "x_seconds_2");
  expect({"x.info", "", instrument_kind::info, ""}, gauge_of("x.info"), "x_info_2");
  expect(gauge_of("y"), gauge_of("target"), "target_2");
  expect(gauge_of("y"), gauge_of("target.info"), "target_info_2");
}

TEST_CASE("no instrument of an application takes a name of the catalog", "[hostile]") {
  detail::family_names names;
  const auto take = [&](const instrument& instrument) { return names.take(instrument).sample; };
  CHECK(take(gauge_of("db.client.operation.duration.seconds.count")) ==
        "db_client_operation_duration_seconds_count_2");
  CHECK(take(gauge_of("querytap.dropped")) == "querytap_dropped_2");
  CHECK(take(gauge_of("up")) == "up_2");  // Prometheus' own
  CHECK(take(catalog::operation_duration) == "db_client_operation_duration_seconds");
  CHECK(take({"db.client.operation.duration", "s", instrument_kind::histogram,
              "Another library's."}) == "db_client_operation_duration_seconds");
  for (const instrument* instrument : catalog::all) {
    CHECK(detail::family_names{}.take(*instrument).sample == prometheus_name(*instrument));
  }
}

TEST_CASE("a name is free again once its family has ended", "[hostile]") {
  detail::family_names names;
  {
    const detail::family_name first = names.take(histogram_of("x"));
    CHECK(names.take(gauge_of("x.count")).sample == "x_count_2");
  }
  CHECK(names.take(gauge_of("x.count")).sample == "x_count");
}

TEST_CASE("series that are equal as labels are told apart by a further label", "[hostile]") {
  detail::label_sets sets;
  const auto text = [](const detail::series_labels& own) {
    std::string joined;
    for (const auto& [name, value] : own.labels) joined += name + '=' + value + ' ';
    return joined + (own.is_renamed ? "renamed" : "");
  };
  const auto first = sets.take({{"a", "1"}});
  CHECK(text(first) == "a=1 ");
  const auto second = sets.take({{"a", 1}});
  CHECK(text(second) == "a=1 querytap_duplicate=2 renamed");
  CHECK(text(sets.take({{"a", 1.0}})) == "a=1 querytap_duplicate=3 renamed");
  CHECK(text(sets.take({{"a", "1"}, {"b", ""}})) == "a=1 b= querytap_duplicate=4 renamed");
  CHECK(text(sets.take({{"a", "1"}, {"querytap.duplicate", "2"}})) ==
        "a=1 querytap_duplicate=2;2 renamed");
  CHECK(text(sets.take({{"a.b", "1"}, {"a_b", "2"}})) == "a_b=1;2 renamed");
  CHECK(text(sets.take({{"b", "2"}, {"a", "1"}})) == "a=1 b=2 ");
}

TEST_CASE("a series that begins anew has its own labels, not those of a duplicate", "[hostile]") {
  const auto scrape = [] { return of({{&catalog::connection_max, {{"a", "1"}}}}); };
  prometheus_text text;
  prometheus_protobuf protobuf;
  const std::string first = text.render(scrape());
  const std::string first_message = protobuf.render(scrape());
  CHECK(text.render(scrape()) == first);  // with another series_identity
  CHECK(protobuf.render(scrape()) == first_message);
}

TEST_CASE("what is renamed is counted by instrument", "[hostile]") {
  static constexpr instrument histogram = histogram_of("x");
  static constexpr instrument count = gauge_of("x.count");
  static constexpr instrument equal = gauge_of("y");
  const std::string text = prometheus_text{}.render(of({{&histogram, {}},
                                                        {&count, {}},
                                                        {&count, {{"a", 1}}},
                                                        {&equal, {{"a", 1}}},
                                                        {&equal, {{"a", "1"}}}}));
  CHECK_THAT(text, Catch::Contains("querytap_scrape_renamed{querytap_instrument=\"x.count\"} 2\n"
                                   "querytap_scrape_renamed{querytap_instrument=\"y\"} 1\n"));
  CHECK_THAT(prometheus_text{}.render(of({{&histogram, {}}, {&equal, {}}})),
             !Catch::Contains("renamed"));
}

TEST_CASE("a HELP that is no UTF-8 leaves readable", "[hostile]") {
  static constexpr instrument odd{"odd", "", instrument_kind::gauge, "a\xFF\xC0z"};
  const snapshot current = of({{&odd, {}}});
  const std::string r = "\xEF\xBF\xBD";
  CHECK(prometheus_text{}.render(current) ==
        "# HELP odd a" + r + r + "z\n# TYPE odd gauge\nodd 1\n");
  CHECK_THAT(open_metrics{}.render(current), Catch::Contains("# HELP odd a" + r + r + "z\n"));
  CHECK_THAT(decoded_by_protoc(split_delimited(prometheus_protobuf{}.render(current)).at(0)),
             Catch::Contains("help: \"a\\357\\277\\275\\357\\277\\275z\""));
}

TEST_CASE("an info is of its type in OpenMetrics, and a gauge elsewhere", "[hostile]") {
  static constexpr instrument build{"app.build_info", "", instrument_kind::info, "The build."};
  const snapshot current = of({{&build, {{"version", "1"}}}});
  CHECK(prometheus_text{}.render(current) ==
        "# HELP app_build_info The build.\n# TYPE app_build_info gauge\n"
        "app_build_info{version=\"1\"} 1\n");
  CHECK(open_metrics{}.render(current) ==
        "# TYPE app_build info\n# HELP app_build The build.\n"
        "app_build_info{version=\"1\"} 1\n# EOF\n");
  CHECK_THAT(decoded_by_protoc(split_delimited(prometheus_protobuf{}.render(current)).at(0)),
             Catch::Contains("type: GAUGE"));
}

TEST_CASE(
    "only the families that are accepted leave, under the names that they have in every scrape",
    "[hostile]") {
  static constexpr instrument histogram = histogram_of("x");
  static constexpr instrument count = gauge_of("x.count");
  const snapshot current = of({{&histogram, {}}, {&count, {}}, {&catalog::dropped, {}}});
  const auto only = [&](std::string_view wanted) {
    std::string body;
    prometheus_text{}.render(
        current, [&](std::string_view family, family_type) { return family == wanted; }, body);
    return families_in(body);
  };
  CHECK(only("x_count") == "");
  CHECK(only("x_count_2") == "x_count_2 gauge\n");
  CHECK(only("querytap_dropped") == "querytap_dropped_total counter\n");
}
