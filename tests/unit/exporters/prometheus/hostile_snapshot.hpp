#pragma once

#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// Instruments and attributes whose names and values collide once they are Prometheus': with each other, with the
/// samples of a histogram, with what the formats reserve.
class hostile_snapshot {
 public:
  hostile_snapshot() {
    builder_.set_resource({"service.name", "a"});
    builder_.set_resource({"", "b"});
    builder_.set_resource({"service_name", std::string_view{"c\0\xFF", 3}});
    add_attribute_sets();
    add_instruments();
  }

  [[nodiscard]] snapshot get() const { return builder_.get(); }
  /// How many series there are, without that of the resource.
  [[nodiscard]] std::size_t series() const { return series_; }

  static std::vector<attributes> attribute_sets() {
    using namespace std::string_view_literals;
    return {{},
            {{"", "a"}},
            {{".", "a"}},
            {{"_", "a"}},
            {{"le", "1"}},
            {{"key_le", "1"}},
            {{"quantile", "0.5"}},
            {{"key.quantile", "0.5"}},
            {{"__name__", "up"}},
            {{"_name_", "up"}},
            {{"a", 1}},
            {{"a", "1"}},
            {{"a", 1.0}},
            {{"a", true}},
            {{"a", "true"}},
            {{"a", ""}},
            {{"b", ""}},
            {{"a", "\xFF"}},
            {{"a", "\xFE"}},
            {{"a", "\xEF\xBF\xBD"}},
            {{"a", "\0"sv}},
            {{"a", "x\0y"sv}},
            {{"a", "x\xFFy"}},
            {{"a", "\n"}},
            {{"a", "\\n"}},
            {{"a", "\""}},
            {{"a", "\r"}},
            {{"a", "} 1\n# EOF\nb{c=\""}},
            {{"a.b", "x"}, {"a_b", "y"}},
            {{"a-b", "x;y"}},
            {{"a b", "x;y"}},
            {{"a", "x"}, {"b", "y"}},
            {{"a", "x"}, {"b", "y"}, {"c", ""}},
            {{"a.z", "1"}, {"a_a", "2"}},
            {{"a-z", "1"}, {"a.a", "2"}},
            {{"1", "a"}},
            {{"key_1", "a"}},
            {{"größe", "a"}},
            {{"gr_e", "a"}},
            {{"querytap.duplicate", "2"}},
            {{"querytap_duplicate", "2"}},
            {{"a", "1"}, {"querytap_duplicate", "2"}},
            {{"job", "a"}, {"instance", "b"}},
            {{"otel.metric.overflow", true}},
            {{"a", std::string(100'000, 'x')}}};
  }

  /// Found by no look at the code that renders them.
  static std::vector<attributes> further_attribute_sets() {
    using namespace std::string_view_literals;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return {{{"A", "1"}},
            {{"a", std::numeric_limits<std::int64_t>::min()}},
            {{"a", "-9223372036854775808"}},
            {{"a", std::numeric_limits<double>::quiet_NaN()}},
            {{"a", "nan"}},
            {{"a", infinity}},
            {{"a", "inf"}},
            {{"a", -0.0}},
            {{"a", "-0"}},
            {{"a", 1e300}},
            {{"a", "1e+300"}},
            {{"a", "1e300"}},
            {{"a.b", "1"}, {"a_b", "2;3"}},
            {{"a.b", "1;2"}, {"a_b", "3"}},
            {{"a.b", ""}, {"a_b", "1;2;3"}},
            {{"a.b", "1;2;3"}},
            {{"a..b", "c"}},
            {{"a__b", "c"}},
            {{"a.-.b", "c"}},
            {{"__", "a"}},
            {{"___", "a"}},
            {{"_", ""}, {"", "a"}},
            {{"le.", "1"}},
            {{".le", "1"}},
            {{"LE", "1"}},
            {{"le", ""}},
            {{"le", "+Inf"}},
            {{"le", "1"}, {"key.le", "2"}},
            {{"quantile", "0.5"}, {"le", "1"}},
            {{"0", "a"}},
            {{"00", "a"}},
            {{"key_0", "a"}},
            {{"-0", "a"}},
            {{"a", "\xC0\x80"}},
            {{"a", "\xED\xA0\x80"}},
            {{"a", "\xED\xBF\xBF"}},
            {{"a", "\xF4\x90\x80\x80"}},
            {{"a", "\xEF\xBF\xBE"}},
            {{"a", "\xEF\xBB\xBF"}},
            {{"a", "\xE2\x80\xA8"}},
            {{"a", "\x7F"}},
            {{"a", "\x01\x02"}},
            {{"a", "\x1A"}},
            {{"a", "\t"}},
            {{"a", " "}},
            {{"a", "\r\n"}},
            {{"a", "\\"}},
            {{"a", "\\\""}},
            {{"a", "\\x00"}},
            {{"a", ","}},
            {{"a", "# {trace_id=\"1\"} 1"}},
            {{"a", "🙂"}},
            {{"a", "\0\0"sv}},
            {{"🙂", "a"}},
            {{"\0"sv, "a"}},
            {{"a\0"sv, "a"}},
            {{"a\n", "a"}},
            {{"trace_id", "a"}, {"span_id", "b"}},
            {{"otel_scope_name", "a"}},
            {{"exported_job", "a"}},
            {{std::string(3000, 'k'), "a"}},
            {{std::string(3000, '.'), "a"}},
            {{"querytap.duplicate", ""}},
            {{"querytap_duplicate", "2;2"}}};
  }

  /// The same for names.
  static std::vector<std::string> further_names() {
    using namespace std::string_literals;
    return {"x.gcount",
            "x.gsum",
            "x.bucket.total",
            "x.total.total",
            "x.sum.total",
            "x.info.info",
            "info.total",
            "total.info",
            "x.ratio",
            "ratio",
            "seconds",
            "seconds.total",
            "x.seconds.seconds",
            "_total",
            "total_",
            "__",
            "a__b",
            "a.-b",
            "A.b",
            "x.1",
            "x_3",
            "x_2_2",
            ":x",
            "x:",
            "::",
            "x:count",
            "NaN",
            "+Inf",
            "0x1",
            "1e5",
            "{",
            "x{a=\"b\"}",
            "\\",
            "'",
            "#",
            "HELP x",
            " x",
            "x\t",
            "x\r\n",
            "\0"s,
            "x\0count"s,
            "\xE2\x80\x8F",
            "🙂",
            "le",
            "quantile",
            "__name__",
            "job",
            "process.cpu",
            "process.cpu.seconds",
            "querytap.build_info",
            "querytap.build",
            "querytap.scrape.renamed.2",
            "target_info_info",
            "db_client_connection_count",
            "db.client.connection.count.total",
            "db.client.operation.duration.seconds.created",
            "DB.CLIENT.OPERATION.DURATION"};
  }

  static std::vector<std::string> names() {
    using namespace std::string_literals;
    return {"x",
            "x.count",
            "x_count",
            "x.sum",
            "x.bucket",
            "x.total",
            "x.created",
            "x.info",
            "x.seconds",
            "x.count.total",
            "x.total.count",
            "x_2",
            "x.2",
            "X",
            "",
            ".",
            "_",
            "total",
            "info",
            "count",
            "1",
            "_1",
            "2xx",
            "größe",
            "gr\0e"s,
            "\xFF",
            "a:b",
            ":",
            "a\nb",
            "# EOF",
            "unnamed",
            "target",
            "target.info",
            "querytap.statement",
            "querytap.statement.info",
            "querytap.scrape.renamed",
            "querytap.dropped",
            "querytap.dropped.total",
            "db.client.operation.duration",
            "db.client.operation.duration.seconds.count",
            "db.client.operation.duration.seconds",
            "up",
            "scrape.duration",
            "scrape.samples_scraped",
            "ALERTS",
            std::string(2000, 'n')};
  }

 private:
  static constexpr double bounds[] = {0.5, 1};

  const instrument& make(std::string name, std::string_view unit, instrument_kind kind) {
    names_.push_back(std::move(name));
    const bool is_histogram = kind == instrument_kind::histogram;
    return instruments_.emplace_back(
        instrument{names_.back(), unit, kind, "a\xFF \"b\" \\c\nd",
                   is_histogram ? std::span<const double>{bounds} : std::span<const double>{}});
  }

  void add_to(const instrument& instrument, const attributes& labels) {
    ++series_;
    if (instrument.kind == instrument_kind::histogram) {
      builder_.record(instrument, labels, {0, 1, 2'000'000'000});
    } else {
      builder_.add(instrument, labels, instrument.kind == instrument_kind::info ? 1 : 3);
    }
  }

  void add_attribute_sets() {
    for (const auto kind : {instrument_kind::counter, instrument_kind::gauge,
                            instrument_kind::histogram, instrument_kind::info}) {
      const instrument& all = make("all." + std::string{to_string(kind)}, "", kind);
      for (const attributes& labels : attribute_sets()) add_to(all, labels);
      for (const attributes& labels : further_attribute_sets()) add_to(all, labels);
    }
  }

  void add_instruments() {
    for (const std::string& name : names()) {
      for (const std::string_view unit : {"", "s", "1", "total", "count", "9", "{a}/s", "\xFF"}) {
        add_of_each_kind(name, unit);
      }
    }
    for (const std::string& name : further_names()) {
      for (const std::string_view unit : {"", "s"}) add_of_each_kind(name, unit);
    }
  }

  void add_of_each_kind(const std::string& name, std::string_view unit) {
    for (const auto kind :
         {instrument_kind::gauge, instrument_kind::counter, instrument_kind::histogram,
          instrument_kind::up_down_counter, instrument_kind::info}) {
      add_to(make(name, unit, kind), {});
    }
  }

  std::deque<std::string> names_;
  std::deque<instrument> instruments_;
  snapshot_builder builder_;
  std::size_t series_ = 0;
};

}  // namespace querytap::testing
