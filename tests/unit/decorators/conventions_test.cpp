// What is compared with OpenTelemetry's conventions is found where it differs from them.

#include <querytap/testing/capture.hpp>
#include <support/conformance/conventions.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace querytap;
using conformance_list = std::vector<std::string>;
using querytap::testing::conformance::deviations_from_conventions;

namespace {

constexpr std::string_view any_key[] = {"db.system.name", "db.client.connection.pool.name",
                                        "shop.id"};
constexpr double other_bounds[] = {1, 2};

conformance_list deviations_of(const instrument& measured, const attributes& labels) {
  capture telemetry;
  if (measured.kind == instrument_kind::histogram) {
    telemetry.recorder().bind_histogram(measured, labels).record(std::uint64_t{1});
  } else {
    telemetry.recorder().bind_counter(measured, labels).add();
  }
  return deviations_from_conventions(telemetry.recorder().collect());
}

span_record span_of(attributes labels) {
  const bool failed = labels.find("error.type") != nullptr;
  return {.name = "postgresql",
          .kind = span_kind::client,
          .attributes = std::move(labels),
          .status = failed ? span_status::error : span_status::unset};
}

}  // namespace

TEST_CASE(
    "a metric of the conventions has their unit, kind and bounds, and each required attribute") {
  static constexpr instrument wrong{.name = "db.client.connection.wait_time",
                                    .unit = "{call}",
                                    .kind = instrument_kind::counter,
                                    .description = "Calls.",
                                    .attributes = any_key};
  CHECK(
      deviations_of(wrong, {{"shop.id", "7"}}) ==
      conformance_list{"db.client.connection.wait_time: the unit is another one",
                       "db.client.connection.wait_time: the kind is another one",
                       "db.client.connection.wait_time{shop.id=7}: attribute shop.id is not in the "
                       "conventions",
                       "db.client.connection.wait_time{shop.id=7}: attribute "
                       "db.client.connection.pool.name is missing"});
  static constexpr instrument coarse{.name = "db.client.operation.duration",
                                     .unit = "s",
                                     .kind = instrument_kind::histogram,
                                     .description = "Durations.",
                                     .bounds = other_bounds,
                                     .attributes = any_key};
  CHECK(deviations_of(coarse, {{"db.system.name", "sqlite"}}) ==
        conformance_list{"db.client.operation.duration: the bounds are others"});
}

TEST_CASE("a name that the conventions do not have is ours, and in their style") {
  static constexpr instrument unknown{.name = "db.client.answers", .unit = "{answer}"};
  CHECK(deviations_of(unknown, {}) ==
        conformance_list{"db.client.answers: the name is not in the conventions",
                         "db.client.answers{}: there is no description"});
  static constexpr instrument shouting{
      .name = "Shop-Carts", .unit = "carts", .description = "Carts."};
  CHECK(deviations_of(shouting, {{"shop.id", "7"}}) ==
        conformance_list{
            "Shop-Carts{shop.id=7}: the name is not in the style",
            "Shop-Carts{shop.id=7}: the unit carts is not UCUM",
            "Shop-Carts{shop.id=7}: attribute shop.id is neither ours nor of the conventions",
            "Shop-Carts{shop.id=7}: attribute shop.id is not declared by the instrument"});
}

TEST_CASE("the attributes of a call fit each other") {
  CHECK(deviations_from_conventions(span_of({{"db.system.name", "postgresql"}})).empty());
  CHECK(deviations_from_conventions(span_of({{"db.system.name", "postgresql"},
                                             {"error.type", "syntax error"},
                                             {"db.response.status_code", "42601"},
                                             {"server.port", 5432},
                                             {"db.operation.batch.size", 1}})) ==
        conformance_list{"span postgresql: error.type syntax error is not the status code 42601",
                         "span postgresql: server.port without server.address",
                         "span postgresql: server.port is the default port",
                         "span postgresql: a batch of one is an operation"});
  CHECK(deviations_from_conventions(span_of({{"db.system.name", "postgres"},
                                             {"db.query.summary", "select 'secret'"},
                                             {"db.namespace", ""},
                                             {"server.port", "5433"}})) ==
        conformance_list{"span postgresql: attribute db.namespace is empty",
                         "span postgresql: attribute server.port has another type",
                         "span postgresql: db.system.name postgres is not a well-known value",
                         "span postgresql: server.port without server.address",
                         "span postgresql: db.query.summary holds a literal: select 'secret'",
                         "span postgresql: the name is not select 'secret'"});
}
