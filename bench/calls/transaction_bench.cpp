// What following a transaction costs, with one timed query and its COMMIT, beside the same calls without it,
// and beside the same three figures kept by hand with prometheus-cpp. The calls themselves do nothing.

#include "../support/benchmarks.hpp"

#include <querytap/querytap.hpp>

#include <prometheus/histogram.h>

#include <chrono>

namespace {

using namespace querytap;
using querytap::bench::measure_threads;

struct order_statements {
  recorder telemetry{{.service_name = "bench"}};
  backend orders{telemetry, {.system = "postgresql"}};
  backend cache{telemetry, {.system = "redis", .dialect = dialect::redis}};
  statement_handle insert{orders.statement_for("insert into orders(total) values (1)")};
  statement_handle commit{orders.statement_for("COMMIT")};
  statement_handle get{cache.statement_for("GET basket:1")};
};

order_statements& shared_orders() {
  static order_statements all;
  return all;
}

void two_calls(benchmark::State& state) {
  const order_statements& all = shared_orders();
  for (auto _ : state) {
    operation{*all.insert}.finish();
    operation{*all.commit}.finish();
  }
}

void two_calls_in_transaction(benchmark::State& state) {
  const order_statements& all = shared_orders();
  transaction open;
  for (auto _ : state) {
    open.begin(all.orders);
    for (const statement_handle* each : {&all.insert, &all.commit}) {
      operation call{**each};
      call.of(open);
    }
    open.end(transaction_end::committed);
  }
}

void call_of_another_backend(benchmark::State& state) {
  const order_statements& all = shared_orders();
  transaction open;
  open.begin(all.orders);
  for (auto _ : state) operation{*all.get}.finish();
}

void call_outside_of_transactions(benchmark::State& state) {
  const order_statements& all = shared_orders();
  for (auto _ : state) operation{*all.get}.finish();
}

// Durations of the two calls and of the transaction, and its idle time.
void prometheus_cpp_by_hand(benchmark::State& state) {
  using steady = std::chrono::steady_clock;
  const auto bounds = catalog::operation_duration.bounds;
  static prometheus::Histogram calls{{bounds.begin(), bounds.end()}};
  static prometheus::Histogram transactions{{bounds.begin(), bounds.end()}};
  static prometheus::Histogram idle{{bounds.begin(), bounds.end()}};
  const auto seconds = [](steady::duration time) {
    return std::chrono::duration<double>{time}.count();
  };
  for (auto _ : state) {
    const auto begin = steady::now();
    steady::duration busy{};
    for (int call = 0; call < 2; ++call) {
      const auto call_begin = steady::now();
      const auto spent = steady::now() - call_begin;
      calls.Observe(seconds(spent));
      busy += spent;
    }
    const auto duration = steady::now() - begin;
    transactions.Observe(seconds(duration));
    idle.Observe(seconds(duration - busy));
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/transaction/querytap", two_calls_in_transaction);
  measure_threads("calls/transaction/its_two_calls", two_calls);
  measure_threads("calls/transaction/prometheus_cpp", prometheus_cpp_by_hand);
  measure_threads("calls/call_in_transaction_of_another_backend/querytap", call_of_another_backend);
  measure_threads("calls/call_outside_of_transactions/querytap", call_outside_of_transactions);
  return querytap::bench::run(argc, argv);
}
