// The report shows the values of the snapshot, aligned, in units that a person reads.

#include <querytap/snapshot/catalog.hpp>

#include <rag_chatbot/report/record_cost.hpp>
#include <rag_chatbot/report/report.hpp>
#include <rag_chatbot/report/units.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <memory>

using namespace rag_chatbot;
using namespace std::chrono_literals;
using querytap::attributes;
using querytap::instrument;
namespace catalog = querytap::catalog;

namespace {

/// Builds a snapshot from given values.
class snapshot_builder {
 public:
  void add_histogram(const instrument& instrument, const attributes& labels,
                     const std::vector<std::chrono::nanoseconds>& values,
                     std::shared_ptr<const querytap::statement_identity> statement = nullptr) {
    auto& layout = layouts_[instrument.name];
    if (layout == nullptr)
      layout = querytap::bucket_layout::make(instrument, std::span<const double>{});
    auto data = std::make_shared<querytap::histogram_data>(layout);
    for (const auto value : values) data->record(static_cast<std::uint64_t>(value.count()));
    add(instrument, labels, std::move(statement)).histogram = std::move(data);
  }
  void add_number(const instrument& instrument, const attributes& labels, std::int64_t number) {
    add(instrument, labels, nullptr).number = number;
  }
  querytap::snapshot built;

 private:
  querytap::point& add(const instrument& instrument, const attributes& labels,
                       std::shared_ptr<const querytap::statement_identity> statement) {
    auto series = std::make_shared<querytap::series_identity>();
    series->instrument = &instrument;
    series->labels = labels;
    auto& metric = metrics_[&instrument];
    if (metric == nullptr) {
      metric = std::make_shared<querytap::metric>(querytap::metric{&instrument});
      built.metrics.push_back(metric);
    }
    return metric->points.emplace_back(
        querytap::point{std::move(series), std::move(statement), nullptr, 0});
  }

  std::map<const querytap::instrument*, std::shared_ptr<querytap::metric>> metrics_;
  std::map<std::string_view, std::shared_ptr<const querytap::bucket_layout>> layouts_;
};

std::shared_ptr<const querytap::statement_identity> statement(std::uint64_t fingerprint,
                                                              std::string summary) {
  auto identity = std::make_shared<querytap::statement_identity>();
  identity->fingerprint = fingerprint;
  identity->summary = std::move(summary);
  return identity;
}

querytap::snapshot busy_snapshot() {
  snapshot_builder snapshot;
  const auto search = statement(1, "SELECT passage_words");
  const auto insert = statement(2, "INSERT messages");
  snapshot.add_histogram(catalog::operation_duration, {}, {1ms, 1ms}, insert);
  snapshot.add_histogram(catalog::operation_duration, {}, {3ms, 3ms, 3ms}, search);
  snapshot.add_histogram(catalog::operation_duration, {{"error.type", "5"}}, {3ms}, search);
  snapshot.add_histogram(catalog::returned_rows, {}, {50ns, 50ns, 50ns}, search);
  snapshot.add_number(catalog::connection_count, {{"db.client.connection.state", "idle"}}, 3);
  snapshot.add_number(catalog::connection_count, {{"db.client.connection.state", "used"}}, 1);
  snapshot.add_number(catalog::connection_max, {}, 4);
  snapshot.add_number(catalog::connection_timeouts, {}, 2);
  snapshot.add_histogram(catalog::connection_wait_time, {}, {2us, 2us});
  snapshot.add_histogram(catalog::request_duration, {}, {20ms});
  snapshot.add_histogram(catalog::request_duration, {{"error.type", "500"}}, {20ms});
  return snapshot.built;
}

constexpr auto expected_report = R"(statements by total time, since the start
  statement                                calls     total       p50       p95       p99 last minute        rows
  SELECT passage_words                         4   12.0 ms   3.00 ms   3.00 ms   3.00 ms           –         150
  INSERT messages                              2   2.00 ms   1.00 ms   1.00 ms   1.00 ms           –           0

pool
  max 4   used 1   idle 3   wait p50 2.00 µs   wait p99 2.00 µs   timeouts 2

requests
  in the service               count 2   p50 20.0 ms   p99 20.0 ms   errors 1
  at the users, from when due  count 3   p50 30.0 ms   p99 30.0 ms   errors 1

findings
  n_plus_one, 3 times, store.cpp:42
    25 times in one POST /chat
    load all keys with one query

right page among the first five: 2 of 3 (66.7 %)

cost of the instrumentation during the load
  13 records x 20.0 ns = 260 ns, 0.0006 % of the 40.0 ms that the requests took
)";

}  // namespace

TEST_CASE("the report of a fixed snapshot is always the same", "[report]") {
  report_facts facts;
  facts.after_load = busy_snapshot();
  querytap::finding n_plus_one;
  n_plus_one.site = {"store.cpp", 42};
  n_plus_one.message = "25 times in one POST /chat";
  n_plus_one.advice = "load all keys with one query";
  n_plus_one.seen = 3;
  facts.after_load.findings.push_back(
      std::make_shared<const querytap::finding>(std::move(n_plus_one)));
  facts.load = {.asked = 3, .failed = 1, .found = 2, .latencies = {40ms, 30ms}};
  facts.record_nanoseconds = 20;
  CHECK(report_on(facts) == expected_report);
}

TEST_CASE("the report says what the answers of models cost, in all and each", "[report]") {
  snapshot_builder snapshot;
  snapshot.add_histogram(catalog::gen_ai::operation_duration, {}, {1s, 1s});
  snapshot.add_histogram(catalog::gen_ai::operation_duration, {{"error.type", "503"}}, {1s});
  snapshot.add_number(catalog::gen_ai::answers, {{"querytap.result", "stop"}}, 2);
  snapshot.add_number(catalog::gen_ai::cost, {{"querytap.tenant", "acme"}}, 30'000);
  snapshot.add_number(catalog::gen_ai::cost, {{"querytap.tenant", "other"}}, 10'000);
  snapshot.add_number(catalog::gen_ai::budget_spent, {{"querytap.tenant", "other"}}, 10'000);
  snapshot.add_number(catalog::gen_ai::budget_limit, {{"querytap.tenant", "other"}}, 25'000);
  snapshot.add_number(catalog::gen_ai::budget_spent, {{"querytap.tenant", "acme"}}, 30'000);
  snapshot.add_number(catalog::gen_ai::budget_limit, {{"querytap.tenant", "acme"}}, 25'000);
  report_facts facts;
  facts.after_load = snapshot.built;
  querytap::finding exceeded{.kind = querytap::finding_kind::budget_exceeded};
  exceeded.message = "tenant acme has spent too much";
  exceeded.advice = "give it a cheaper model";
  facts.after_load.findings.push_back(std::make_shared<const querytap::finding>(exceeded));
  CHECK_THAT(report_on(facts), Catch::Contains(R"(
models
  calls 3   answers 2   cost $0.000040   an answer $0.000020   calls without a price 0
  tenant acme: $0.000030 of $0.000025 today
  tenant other: $0.000010 of $0.000025 today

findings
  budget_exceeded, 1 times
    tenant acme has spent too much
    give it a cheaper model
)"));
}

TEST_CASE("only what was recorded during the load counts as its cost", "[report]") {
  report_facts facts;
  facts.before_load = facts.after_load = busy_snapshot();
  CHECK(report_on(facts).find("\n  0 records x ") != std::string::npos);
}

TEST_CASE("statements that took next to nothing are one line", "[report]") {
  snapshot_builder snapshot;
  for (std::uint64_t i = 1; i <= 17; ++i) {
    snapshot.add_histogram(catalog::operation_duration, {}, {std::chrono::microseconds{100 - i}},
                           statement(i, "SELECT " + std::to_string(i)));
  }
  report_facts facts;
  facts.after_load = snapshot.built;
  const auto report = report_on(facts);
  CHECK(report.find("SELECT 15 ") != std::string::npos);
  CHECK(report.find("SELECT 16 ") == std::string::npos);
  CHECK(report.find("\n  and 2 more that took 167 µs in all\n") != std::string::npos);
}

TEST_CASE("a report of nothing has no made-up numbers", "[report]") {
  const auto report = report_on({});
  CHECK(report.find("wait p50 –") != std::string::npos);
  CHECK(report.find("count 0   p50 –") != std::string::npos);
  CHECK(report.find("findings\n  none\n") != std::string::npos);
  CHECK(report.find("right page among the first five: 0 of 0 (–)") != std::string::npos);
}

TEST_CASE("shares are percentages", "[units]") {
  CHECK(readable_share(431, 500) == "86.2 %");
  CHECK(readable_share(1, 100'000) == "0.0010 %");
  CHECK(readable_share(0, 0) == "–");
}

TEST_CASE("a record costs something, and less than a query by far", "[record_cost]") {
  const double nanoseconds = measure_record_cost();
  CHECK(nanoseconds > 0);
  CHECK(nanoseconds < 100'000);
}
