// What leaves as protobuf is what Prometheus' own description of the messages says, to the byte,
// and its native histograms have the numbers of the snapshot.

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/delimited.hpp>
#include <unit/exporters/prometheus/protoc.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <exporters/prometheus/client_model.hpp>
#include <exporters/prometheus/native_buckets.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <random>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;
namespace client_model = querytap::detail::client_model;
using detail::native_buckets;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::map<int, std::uint64_t> counts_of(const native_buckets& buckets) {
  std::map<int, std::uint64_t> counts;
  auto delta = buckets.deltas().begin();
  std::int64_t count = 0;
  int index = 0;
  for (const native_buckets::span& run : buckets.spans()) {
    index += run.offset;
    for (std::uint32_t i = 0; i < run.length; ++i) {
      count += *delta++;
      counts[index++] = static_cast<std::uint64_t>(count);
    }
  }
  CHECK(delta == buckets.deltas().end());
  return counts;
}

native_buckets buckets_of(const std::vector<std::uint64_t>& counts, int offset) {
  native_buckets buckets;
  buckets.assign({.zero_count = 0, .offset = offset, .counts = counts});
  return buckets;
}

std::string text_of(const native_buckets& buckets) {
  std::string text;
  for (const native_buckets::span& run : buckets.spans()) {
    text += fmt::format("({},{})", run.offset, run.length);
  }
  for (const std::int64_t delta : buckets.deltas()) text += fmt::format(" {}", delta);
  return text;
}

}  // namespace

TEST_CASE("a family is what protoc makes of the same values, byte for byte", "[protobuf]") {
  const auto frame = client_model::frame_of("db_client_operation_duration_seconds", "h",
                                            instrument_kind::histogram, "s");
  std::string room(4096, '\0');
  detail::message_buffer bytes{room.data()};
  client_model::writer family{bytes};
  {
    client_model::writer metric{family, client_model::metric_of_family};
    bytes.append(client_model::label_fields(prometheus_labels({{"db.system.name", "postgresql"}})));
    client_model::writer histogram{metric, client_model::metric_field::histogram};
    client_model::write_totals(histogram, 4, 0.5);
    client_model::write_bucket(2, 0.1, bytes);
    client_model::write_bucket(4, std::numeric_limits<double>::infinity(), bytes);
    client_model::write_native(histogram, buckets_of({1, 2, 0, 0, 0, 1}, -3), bytes);
  }
  CHECK(hex(frame.head + std::string{bytes.data(), bytes.size()} + frame.tail) ==
        "0a2464625f636c69656e745f6f7065726174696f6e5f6475726174696f6e5f7365636f6e6473"
        "120168180422640a1c0a0e64625f73797374656d5f6e616d65120a706f737467726573716c3a"
        "44080411000000000000e03f1a0b0802119a9999999999b93f1a0b080411000000000000f07f"
        "280631000000000000f03738006204080310026204080610016802680268012a0173");
}

TEST_CASE("up to two empty buckets are part of a run, more begin a new run", "[protobuf]") {
  CHECK(text_of(buckets_of({3, 5, 0, 0, 1, 0, 3, 2}, -3)) == "(-2,8) 3 2 -5 0 1 -1 3 -1");
  CHECK(text_of(buckets_of({1, 2, 0, 0, 0, 1}, -3)) == "(-2,2)(3,1) 1 1 -1");
  CHECK(text_of(buckets_of({7}, 41)) == "(42,1) 7");
  CHECK(text_of(buckets_of({}, 0)).empty());
  CHECK(text_of(buckets_of({1, 0, 0, 0, 0, 0, 0, 2}, 0)) == "(1,1)(6,1) 1 1");
}

TEST_CASE("the runs have exactly the counts of the exponential buckets, one index later",
          "[protobuf]") {
  std::mt19937_64 random{7};
  for (int round = 0; round < 300; ++round) {
    histogram_data data{bucket_layout::make(catalog::operation_duration, std::vector{0.02, 0.3})};
    for (std::uint64_t i = random() % 200; i != 0; --i) data.record(random() >> (random() % 64));
    const auto view = data.exponential();
    native_buckets buckets;
    buckets.assign(view);
    std::map<int, std::uint64_t> expected;
    for (std::size_t i = 0; i < view.counts.size(); ++i) {
      if (view.counts[i] != 0) expected[view.offset + static_cast<int>(i) + 1] = view.counts[i];
    }
    auto counts = counts_of(buckets);
    std::erase_if(counts, [](const auto& bucket) { return bucket.second == 0; });
    REQUIRE(counts == expected);
    REQUIRE(buckets.zero_count() == view.zero_count);
  }
}

TEST_CASE("protoc reads every kind of metric, with the numbers of the snapshot", "[protobuf]") {
  snapshot_builder builder;
  builder.set_resource({"service.name", "chatbot"});
  builder.add(catalog::connection_timeouts, {{"db.client.connection.pool.name", "a\xFF"}}, 7);
  builder.add(catalog::lanes, {}, -12);
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}}, {0, 500'000'000},
                 statement_of(1, "a"));
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}}, {500'000'000},
                 statement_of(2, "b"));
  const auto families = split_delimited(prometheus_protobuf{}.render(builder.get()));
  REQUIRE(families.size() == 4);
  CHECK(decoded_by_protoc(families[0]) ==
        "name: \"target_info\"\nhelp: \"The service that these metrics are of.\"\ntype: GAUGE\n"
        "metric {\n  label {\n    name: \"service_name\"\n    value: \"chatbot\"\n  }\n"
        "  gauge {\n    value: 1\n  }\n}\n");
  CHECK_THAT(decoded_by_protoc(families[1]), Catch::Contains("value: \"a\\357\\277\\275\"") &&
                                                 Catch::Contains("type: COUNTER") &&
                                                 Catch::Contains("counter {\n    value: 7\n  }"));
  CHECK_THAT(decoded_by_protoc(families[2]), Catch::Contains("gauge {\n    value: -12\n  }"));
  CHECK_THAT(decoded_by_protoc(families[3]),
             Catch::Contains("sample_count: 3\n    sample_sum: 1\n") &&
                 Catch::Contains("cumulative_count: 1\n      upper_bound: 0.1\n") &&
                 Catch::Contains("cumulative_count: 3\n      upper_bound: 0.5\n") &&
                 Catch::Contains("cumulative_count: 3\n      upper_bound: inf\n") &&
                 Catch::Contains("schema: 3\n    zero_threshold: 2.9387358770557188e-39\n"
                                 "    zero_count: 1\n    positive_span {\n      offset: -8\n"
                                 "      length: 1\n    }\n    positive_delta: 2\n"));
}

TEST_CASE("the option says which buckets leave", "[protobuf]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, {}, {500'000'000});
  const auto rendered = [&](histogram_form form) {
    return decoded_by_protoc(
        split_delimited(prometheus_protobuf{{form}}.render(builder.get())).back());
  };
  CHECK_THAT(rendered(histogram_form::native),
             Catch::Contains("schema: 3") && !Catch::Contains("upper_bound"));
  CHECK_THAT(rendered(histogram_form::classic),
             !Catch::Contains("schema: 3") && Catch::Contains("upper_bound"));
  CHECK_THAT(rendered(histogram_form::both),
             Catch::Contains("schema: 3") && Catch::Contains("upper_bound"));
}

TEST_CASE("a native histogram without values is still one", "[protobuf]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, {}, {});
  CHECK_THAT(decoded_by_protoc(split_delimited(
                 prometheus_protobuf{{histogram_form::native}}.render(builder.get()))[0]),
             Catch::Contains("positive_span {\n      offset: 0\n      length: 0\n    }"));
}

TEST_CASE("exemplars leave with the bucket that they are in", "[protobuf]") {
  const auto layout = bucket_layout::make(catalog::operation_duration, {});
  auto data = std::make_shared<histogram_data>(layout);
  data->record(20'000'000);
  exemplar exemplar{.value = 20'000'000,
                    .time = std::chrono::system_clock::time_point{std::chrono::milliseconds{1500}}};
  exemplar.trace.trace_id.fill(0xAB);
  exemplar.trace.span_id.fill(0xCD);
  data->add_exemplar(exemplar);
  const auto identity =
      std::make_shared<const series_identity>(series_identity{&catalog::operation_duration, {}});
  snapshot current;
  current.metrics.push_back(std::make_shared<const metric>(
      metric{&catalog::operation_duration, {{identity, nullptr, data, 0}}}));

  const std::string family = split_delimited(prometheus_protobuf{}.render(current)).at(0);
  const std::string labels =
      "        label {\n          name: \"trace_id\"\n"
      "          value: \"abababababababababababababababab\"\n        }\n"
      "        label {\n          name: \"span_id\"\n          value: \"cdcdcdcdcdcdcdcd\"\n"
      "        }\n        value: 0.02\n";
  CHECK_THAT(
      decoded_by_protoc(family),
      Catch::Contains("cumulative_count: 1\n      upper_bound: 0.05\n      exemplar {\n" + labels +
                      "        timestamp {\n          seconds: 1\n"
                      "          nanos: 500000000\n"));
}

TEST_CASE("a scrape does not depend on the one before", "[protobuf]") {
  snapshot_builder builder;
  prometheus_protobuf reused;
  std::string body;
  for (int i = 0; i < 60; ++i) {
    builder.record(catalog::operation_duration,
                   {{"db.namespace", std::string(static_cast<std::size_t>(i) * 7, 'x')}},
                   {1, 2, 3});
    builder.add(catalog::connection_max, {{"number", i}}, i);
    reused.render(builder.get(), body);
    REQUIRE(body == prometheus_protobuf{}.render(builder.get()));
  }
}
