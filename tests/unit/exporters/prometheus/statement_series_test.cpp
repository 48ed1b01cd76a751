// On request, each statement leaves as a series of its own, and its text as an info to join it with.

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <exporters/prometheus/statement_series.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

snapshot two_statements() {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1, 2}, statement_of(0xA, "select a"));
  builder.record(catalog::returned_rows, sqlite, {5}, statement_of(0xB, "select b"));
  builder.record(catalog::returned_rows, postgresql, {7});
  builder.add(catalog::lanes, {}, 1);
  return builder.get();
}

std::map<std::string, double> numbers_in(const snapshot& current) {
  return numbers_of(parse_exposition(prometheus_text{}.render(current)));
}

const std::string rows_sum = "db_client_response_returned_rows_sum{db_system_name=\"";

}  // namespace

TEST_CASE("each statement has a series with its fingerprint, and an info with its text",
          "[statement_series]") {
  detail::statement_series statements;
  snapshot current = two_statements();
  statements.split(current);
  const auto numbers = numbers_in(current);
  CHECK(numbers.at(rows_sum + "sqlite\" querytap_statement=\"000000000000000a\" }") == 3);
  CHECK(numbers.at(rows_sum + "sqlite\" querytap_statement=\"000000000000000b\" }") == 5);
  CHECK(numbers.at(rows_sum + "postgresql\" }") == 7);
  CHECK(numbers.at("querytap_lanes{}") == 1);
  CHECK_THAT(
      open_metrics{}.render(current),
      Catch::Contains("# TYPE querytap_statement info\n"
                      "# HELP querytap_statement The text of a statement, without its literals.\n"
                      "querytap_statement_info{db_query_text=\"select a\",querytap_statement="
                      "\"000000000000000a\"} 1\n"
                      "querytap_statement_info{db_query_text=\"select b\",querytap_statement="
                      "\"000000000000000b\"} 1\n"));
}

TEST_CASE("without statements there is no info", "[statement_series]") {
  detail::statement_series statements;
  snapshot_builder builder;
  builder.add(catalog::lanes, {}, 1);
  snapshot current = builder.get();
  statements.split(current);
  CHECK(numbers_in(current).size() == 1);
}

TEST_CASE("a fingerprint has one text, also where two systems spell it differently",
          "[statement_series]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1}, statement_of(0xA, "select a"));
  builder.record(catalog::returned_rows, postgresql, {1}, statement_of(0xA, "SELECT a"));
  snapshot current = builder.get();
  detail::statement_series{}.split(current);
  const auto numbers = numbers_in(current);
  CHECK(numbers.count("querytap_statement_info{db_query_text=\"select a\" "
                      "querytap_statement=\"000000000000000a\" }") == 1);
  CHECK(std::ranges::count_if(numbers, [](const auto& n) {
          return n.first.starts_with("querytap_statement_info");
        }) == 1);
}

TEST_CASE("what statements that were retired had counted does not return in another series",
          "[statement_series]") {
  snapshot current = two_statements();
  const auto whole = current.metrics.at(0);
  auto with_remainder = std::make_shared<metric>(*whole);
  with_remainder->points.push_back(whole->points.at(0));
  with_remainder->points.back().statement = nullptr;
  with_remainder->points.back().is_of_retired = true;
  current.metrics.at(0) = with_remainder;
  detail::statement_series{}.split(current);
  CHECK(numbers_in(current).count(rows_sum + "sqlite\" }") == 0);
}

TEST_CASE("a long text is cut between two characters", "[statement_series]") {
  snapshot_builder builder;
  std::string text = "x";
  while (text.size() < 3000) text += "ü";
  builder.record(catalog::returned_rows, sqlite, {1}, statement_of(0xA, text));
  snapshot current = builder.get();
  detail::statement_series{}.split(current);
  const std::string info =
      current.metrics.back()->points.at(0).series->labels.begin()->key == "db.query.text"
          ? to_string(current.metrics.back()->points.at(0).series->labels.begin()->value)
          : "";
  CHECK(is_utf8(info));
  CHECK(info == text.substr(0, 1023) + "…");
}

TEST_CASE("a series keeps its identity while it is there, and starts anew when it returns",
          "[statement_series]") {
  detail::statement_series statements;
  const auto split_at = [&](snapshot current, int minute) {
    current.time = std::chrono::system_clock::time_point{std::chrono::minutes{minute}};
    statements.split(current);
    return current.metrics.at(0)->points.at(0).series;
  };
  const snapshot same = two_statements();
  const auto first = split_at(same, 1);
  CHECK(first->start == std::chrono::system_clock::time_point{});
  CHECK(split_at(same, 2) == first);
  snapshot none;
  none.time = std::chrono::system_clock::time_point{std::chrono::minutes{3}};
  statements.split(none);
  const auto again = split_at(same, 4);
  CHECK(again != first);
  CHECK(again->start == std::chrono::system_clock::time_point{std::chrono::minutes{3}});
}
