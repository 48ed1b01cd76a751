#pragma once

#include <array>
#include <string_view>

namespace querytap::bench {

/// What a figure measures.
enum class quantity {
  processor_time,  ///< of one call: independent of other load on the machine
  wall_time,       ///< of a thread for one call, waiting included
  bytes,           ///< of memory, or of a file
  overhead,        ///< ratio to the bare client, with its confidence interval
};

enum class rule {
  none,              ///< printed without a verdict
  ratio_at_most,     ///< value / rival
  times_better,      ///< rival / value, at least
  at_most,           ///< the value itself: nanoseconds or bytes
  above_rival,       ///< value - rival, at most, in nanoseconds
  interval_at_most,  ///< the upper end of the ratio's interval, in the worst layout
};

struct goal {
  rule kind = rule::none;
  double bound = 0;
  double bound_on_amd = bound;
  double or_at_most = 0;  ///< the value itself, which then is good enough whatever the ratio
};

/// In place of a rival: the same figure of the build that `bench/run.sh --against` names.
inline constexpr std::string_view old_build{"old build"};

struct figure {
  std::string_view title;
  std::string_view value;
  std::string_view rival = {};
  goal reach = {};
  quantity measures = quantity::processor_time;
};

namespace goals {
inline constexpr std::string_view no_rival{};
inline constexpr goal for_comparison{};
constexpr goal ratio_at_most(double bound) { return {rule::ratio_at_most, bound}; }
constexpr goal times_better(double bound) { return {rule::times_better, bound}; }
constexpr goal at_most(double bound) { return {rule::at_most, bound}; }
constexpr goal above_rival_at_most(double bound) { return {rule::above_rival, bound}; }
constexpr goal overhead_at_most(double percent) {
  return {rule::interval_at_most, 1 + percent / 100};
}
/// Two goals of one kind. Processors of neither family have to meet Intel's, the harder one.
constexpr goal by_family(goal intel, goal amd) {
  intel.bound_on_amd = amd.bound;
  return intel;
}
constexpr goal either(goal relative, goal absolute) {
  relative.or_at_most = absolute.bound;
  return relative;
}

/// With a margin for what two runs differ by.
inline constexpr goal no_worse = ratio_at_most(1.02);

inline constexpr double us = 1e3;
inline constexpr double ms = 1e6;
inline constexpr double s = 1e9;

/// All goals. A figure without a goal explains its neighbours.
inline constexpr std::array all{
    figure{"clock read", "base/clock/querytap", "base/clock/steady_clock"},

    figure{"record", "recording/histogram/querytap/threads:1",
           "recording/histogram/fetch_add/threads:1",
           by_family(ratio_at_most(0.55), ratio_at_most(1.2))},
    figure{"record", "recording/histogram/querytap/threads:1",
           "recording/histogram/prometheus_cpp/threads:1",
           by_family(times_better(12), times_better(7))},
    figure{"record, 2 threads, time on the wall", "recording/histogram/querytap/threads:2",
           "recording/histogram/prometheus_cpp/threads:2", times_better(50), quantity::wall_time},
    figure{"record, 2 threads on one series", "recording/histogram/querytap/threads:2",
           "recording/histogram/querytap/threads:1", ratio_at_most(1.15)},
    figure{"record, 2 threads on one series", "recording/histogram/querytap/threads:2", old_build,
           no_worse},
    figure{"record, 64 series in turn", "recording/histogram_64_in_turn/querytap/threads:1",
           "recording/histogram/querytap/threads:1", ratio_at_most(1.25)},
    figure{"record, 64 series in turn", "recording/histogram_64_in_turn/querytap/threads:1",
           "recording/histogram_64_in_turn/prometheus_cpp/threads:1"},
    figure{"record, unbound handle", "recording/histogram/disabled/threads:1",
           "recording/histogram/input_alone/threads:1"},
    figure{"record within a sampled trace", "recording/exemplar/within_trace",
           "recording/exemplar/without_trace"},
    figure{"count", "recording/counter/querytap/threads:1",
           "recording/counter/prometheus_cpp/threads:1"},

    figure{"timed operation", "calls/operation/querytap/threads:1",
           "calls/operation/two_clock_reads/threads:1", above_rival_at_most(4)},
    figure{"timed operation", "calls/operation/querytap/threads:1",
           "calls/operation/prometheus_cpp/threads:1"},
    figure{"timed operation of 80 ns, by scope, with rows", "calls/work_80_ns/querytap",
           "calls/work_80_ns/two_clock_reads", above_rival_at_most(9)},
    figure{"timed operation of 100 ns, by scope, with rows", "calls/work_100_ns/querytap",
           "calls/work_100_ns/two_clock_reads", above_rival_at_most(9)},
    figure{"timed operation of 330 ns, by scope, with rows", "calls/work_330_ns/querytap",
           "calls/work_330_ns/two_clock_reads", above_rival_at_most(9)},
    figure{"timed operation of 100 ns, by scope, with rows", "calls/work_100_ns/querytap",
           "calls/work_100_ns/prometheus_cpp"},
    figure{"timed operation, recorder disabled", "calls/operation/disabled/threads:1",
           "calls/operation/two_clock_reads/threads:1"},
    figure{"timed operation, compiled out", "calls/compiled_out/operation",
           "calls/operation/querytap/threads:1"},
    figure{"record, compiled out", "calls/compiled_out/record", "calls/compiled_out/input_alone"},
    figure{"timed operation with rows", "calls/operation_with_rows/querytap/threads:1",
           "calls/operation/two_clock_reads/threads:1"},
    figure{"timed operation in a request", "calls/operation_in_request/querytap/threads:1",
           "calls/operation/two_clock_reads/threads:1", above_rival_at_most(14)},
    figure{"timed operation in a request", "calls/operation_in_request/querytap/threads:1",
           "calls/operation/prometheus_cpp/threads:1", at_most(100)},
    figure{"request", "calls/request/querytap/threads:1",
           "calls/operation/two_clock_reads/threads:1", at_most(300)},
    figure{"request with one operation", "calls/request_with_operation/querytap/threads:1",
           "calls/operation/querytap/threads:1"},
    figure{"transaction of two calls", "calls/transaction/querytap/threads:1",
           "calls/transaction/prometheus_cpp/threads:1", ratio_at_most(1)},
    figure{"transaction of two calls", "calls/transaction/querytap/threads:1",
           "calls/transaction/its_two_calls/threads:1"},
    figure{"call while a transaction of another backend is open",
           "calls/call_in_transaction_of_another_backend/querytap/threads:1",
           "calls/call_outside_of_transactions/querytap/threads:1", above_rival_at_most(20)},
    figure{"record with four dynamic attributes", "calls/four_attributes/querytap/threads:1",
           "calls/four_attributes/prometheus_cpp/threads:1", at_most(30)},
    figure{"quality of a search of ten results", "calls/search_quality/querytap/threads:1",
           "calls/search_quality/prometheus_cpp/threads:1", at_most(1000)},
    figure{"stage of a request", "calls/rag_stage/querytap",
           "calls/operation/two_clock_reads/threads:1"},
    figure{"stream of a model read, 123 kB", "calls/model_stream/querytap",
           "calls/model_stream/lines_and_nlohmann", times_better(10)},
    figure{"the same, at 1 GB/s", "calls/model_stream/querytap", no_rival, at_most(123'000)},
    figure{"its events alone", "calls/model_stream/events_alone",
           "calls/model_stream/lines_and_nlohmann"},
    figure{"streamed answer of 100 chunks", "calls/model_stream_of_100/querytap",
           "calls/model_stream_of_100/read_alone", above_rival_at_most(20 * us)},
    figure{"the same, recorder disabled", "calls/model_stream_of_100/disabled",
           "calls/model_stream_of_100/read_alone"},
    figure{"plain reply of a model", "calls/model_call/querytap", "calls/model_call/read_alone",
           above_rival_at_most(2 * us)},
    figure{"repeated statement, 207 bytes", "calls/statement_repeated/querytap/threads:1",
           "calls/statement_repeated/mutex_and_map/threads:1", at_most(20)},
    figure{"repeated statement among 100", "calls/statement_among_100/querytap/threads:1",
           "calls/statement_among_100/mutex_and_map/threads:1"},
    figure{"repeated statement among 1,000", "calls/statement_among_1000/querytap/threads:1",
           "calls/statement_among_1000/mutex_and_map/threads:1", at_most(40)},
    figure{"repeated statement among 5,000", "calls/statement_among_5000/querytap/threads:1",
           "calls/statement_among_5000/mutex_and_map/threads:1", at_most(40)},
    figure{"repeated statement among 5,000, 2,000 series",
           "calls/statement_among_5000_past_limit/querytap/threads:1",
           "calls/statement_among_5000/querytap/threads:1"},
    figure{"statement with other values, 207 bytes",
           "calls/statement_with_other_values/querytap/threads:1"},
    figure{"lease of a pool, uncontended", "policies/lease/querytap",
           "policies/lease/three_clock_reads", above_rival_at_most(25)},
    figure{"lease of a pool, uncontended", "policies/lease/querytap",
           "policies/lease/prometheus_cpp", times_better(2)},
    figure{"lease of a pool, uncontended", "policies/lease/querytap", "policies/lease/mutex"},
    figure{"lease of 8 threads on 4 objects", "policies/lease_8_on_4/querytap",
           "policies/lease_8_on_4/mutex", times_better(2), quantity::wall_time},
    figure{"p99 wait of 8 threads on 4 objects", "policies/p99_wait_8_on_4/querytap",
           "policies/p99_wait_8_on_4/mutex", no_worse, quantity::wall_time},
    figure{"longest wait of 64 threads on 4 objects", "policies/longest_wait_64_on_4/querytap",
           "policies/longest_wait_64_on_4/share", ratio_at_most(3), quantity::wall_time},
    figure{"longest wait of 64 threads on 4 objects", "policies/longest_wait_64_on_4/querytap",
           "policies/longest_wait_64_on_4/mutex", for_comparison, quantity::wall_time},

    figure{"answer to /readyz, 20 components", "runtime/health/readyz", no_rival, at_most(1 * ms)},
    figure{"answer to /health, 20 components", "runtime/health/whole", no_rival, at_most(1 * ms)},
    figure{"PostgreSQL's time for a collection, 1,000 tables",
           "runtime/collectors/server_time/querytap",
           "runtime/collectors/server_time/prometheus_postgres_exporter", for_comparison,
           quantity::wall_time},
    figure{"the same, for the metrics that both have", "runtime/collectors/shared_metrics/querytap",
           "runtime/collectors/shared_metrics/prometheus_postgres_exporter", times_better(10),
           quantity::wall_time},
    figure{"all that we collect, at 10 ms a second", "runtime/collectors/server_time/querytap",
           no_rival, at_most(150 * ms), quantity::wall_time},
    figure{"our time for it, at 0.5 % of a core", "runtime/collectors/own_time/querytap", no_rival,
           at_most(75 * ms)},
    figure{"scrape beside 100,000 tables, beside 100", "runtime/collectors/scrape/many_tables",
           "runtime/collectors/scrape/few_tables", ratio_at_most(1.1)},

    figure{"the live page, 20 viewers, 2,000 statements, a second",
           "runtime/live_share_of_core/twenty_viewers", no_rival, at_most(20 * ms),
           quantity::wall_time},
    figure{"p99.9 of records, 20 viewers of the page", "runtime/live_tail/twenty_viewers",
           "runtime/live_tail/alone", ratio_at_most(1.1), quantity::wall_time},

    figure{"identify, 207 bytes", "query/identify_207_bytes/querytap",
           "query/identify_207_bytes/pg_query_normalize", at_most(300)},
    figure{"identify, 207 bytes", "query/identify_207_bytes/querytap",
           "query/identify_207_bytes/pg_query_fingerprint"},
    figure{"identify, 207 bytes", "query/identify_207_bytes/querytap",
           "query/identify_207_bytes/std_regex"},
    figure{"identify, 1 MB", "query/identify_megabyte/querytap",
           "query/identify_megabyte/pg_query_normalize", at_most(1 * ms)},
    figure{"identify, 1 MB", "query/identify_megabyte/querytap",
           "query/identify_megabyte/std_regex"},

    figure{"p99.9 of records, collected at the same time",
           "recording/tail_while_collecting/querytap", "recording/tail_quiet/querytap",
           ratio_at_most(6), quantity::wall_time},
    figure{"p99.9 of records, 1,000 series collected",
           "recording/tail_while_collecting_1000/querytap", "recording/tail_quiet/querytap",
           either(ratio_at_most(5), at_most(60)), quantity::wall_time},
    figure{"p99.9 of records, collected at the same time",
           "recording/tail_while_collecting/querytap",
           "recording/tail_while_collecting/prometheus_cpp", for_comparison, quantity::wall_time},
    figure{"collect 1,000 series, none changed", "recording/collect_1000_unchanged/querytap",
           "recording/collect_1000/prometheus_cpp", at_most(20 * us)},
    figure{"collect 1,000 series, all changed", "recording/collect_1000_changed/querytap",
           "recording/collect_1000/prometheus_cpp", at_most(0.3 * ms)},
    figure{"memory of a histogram in a lane", "recording/memory_of_histogram/querytap",
           "recording/memory_of_histogram/prometheus_cpp", at_most(1024), quantity::bytes},
    figure{"memory of a counter in a lane", "recording/memory_of_counter/querytap", no_rival,
           at_most(16), quantity::bytes},
    figure{"memory of 2,000 series in 64 threads", "recording/crowd_record/querytap/64", old_build,
           ratio_at_most(1.0 / 6), quantity::bytes},
    figure{"memory of 2,000 series in 256 threads", "recording/crowd_record/querytap/256",
           old_build, ratio_at_most(1.0 / 10), quantity::bytes},
    figure{"collect 2,000 series of 64 threads", "recording/crowd_collect/querytap/64", old_build,
           times_better(5), quantity::wall_time},
    figure{"collect 2,000 series of 256 threads", "recording/crowd_collect/querytap/256", old_build,
           times_better(5), quantity::wall_time},
    figure{"thread that records in 64 series", "recording/short_thread/querytap",
           "recording/short_thread/create_and_join", above_rival_at_most(5 * us)},

    figure{"text of 1,000 histograms", "exporters/text_1000/querytap",
           "exporters/text_1000/prometheus_cpp", at_most(0.5 * ms)},
    figure{"text of 1,000 histograms", "exporters/text_1000/querytap",
           "exporters/text_1000/prometheus_cpp", times_better(25)},
    figure{"text of 1,000 histograms, none changed", "exporters/text_1000_unchanged/querytap",
           "exporters/text_1000/prometheus_cpp"},
    figure{"text of 10,000 histograms", "exporters/text_10000/querytap",
           "exporters/text_1000/querytap", ratio_at_most(11)},
    figure{"text of 100,000 histograms", "exporters/text_100000/querytap",
           "exporters/text_10000/querytap", ratio_at_most(11)},
    figure{"memory that the text of 50,000 takes", "exporters/text_memory_50000/querytap",
           "exporters/text_memory_50000/body", ratio_at_most(1.5), quantity::bytes},
    figure{"text of 1,000 histograms, gzip", "exporters/text_1000_gzip/querytap",
           "exporters/text_1000_gzip/prometheus_cpp", at_most(3.5 * ms)},
    figure{"text of 1,000 histograms, gzip", "exporters/text_1000_gzip/querytap",
           "exporters/text_1000_gzip/prometheus_cpp", times_better(8)},
    figure{"bytes of that text, gzip", "exporters/text_1000_gzip/querytap",
           "exporters/text_1000_gzip/prometheus_cpp", for_comparison, quantity::bytes},
    figure{"protobuf of 1,000, native and classic", "exporters/protobuf_1000/querytap",
           "exporters/text_1000/querytap", ratio_at_most(1.2)},
    figure{"protobuf of 1,000, native and classic", "exporters/protobuf_1000/querytap",
           "exporters/text_1000/querytap", at_most(0.6 * ms)},
    figure{"protobuf of 1,000, native alone", "exporters/protobuf_1000_native/querytap",
           "exporters/text_1000/querytap", ratio_at_most(0.8)},
    figure{"protobuf of 1,000, native alone", "exporters/protobuf_1000_native/querytap",
           "exporters/text_1000/querytap", at_most(0.6 * ms)},
    figure{"bytes of that protobuf, native and classic", "exporters/protobuf_1000/querytap",
           "exporters/text_1000/querytap", for_comparison, quantity::bytes},
    figure{"p99.9 of records, scraped over HTTP", "exporters/tail_while_scraped/querytap",
           "exporters/tail_quiet/querytap", ratio_at_most(6), quantity::wall_time},

    figure{"OTLP of 1,000 histograms", "exporters/otlp_1000/querytap",
           "exporters/otlp_1000/prometheus_cpp", at_most(0.6 * ms)},
    figure{"OTLP of 1,000 histograms, without collection", "exporters/otlp_1000_collected/querytap",
           "exporters/otlp_1000/querytap"},
    figure{"OTLP of 1,000 histograms, exponential", "exporters/otlp_1000_exponential/querytap",
           "exporters/otlp_1000/querytap"},
    figure{"OTLP of 1,000 histograms, delta", "exporters/otlp_1000_delta/querytap",
           "exporters/otlp_1000/querytap", ratio_at_most(1.5)},
    figure{"OTLP of 1,000 histograms, JSON", "exporters/otlp_1000_json/querytap",
           "exporters/otlp_1000/querytap", ratio_at_most(5)},
    figure{"OTLP of 10,000 histograms", "exporters/otlp_10000/querytap",
           "exporters/otlp_1000/querytap", ratio_at_most(11)},

    figure{"SQLite point query", "overhead/sqlite/querytap", "overhead/sqlite/bare",
           overhead_at_most(2), quantity::overhead},
    figure{"SQLite point query, neither locked", "overhead/sqlite/querytap",
           "overhead/sqlite/bare_without_lock", overhead_at_most(7), quantity::overhead},
    figure{"SQLite point query, both locked", "overhead/sqlite/shared", "overhead/sqlite/bare",
           for_comparison, quantity::overhead},
    figure{"SQLite point query, clock reads alone", "overhead/sqlite/two_clock_reads",
           "overhead/sqlite/bare_without_lock", for_comparison, quantity::overhead},
    figure{"SQLite point query, operation alone", "overhead/sqlite/operation_alone",
           "overhead/sqlite/bare_without_lock", for_comparison, quantity::overhead},
    figure{"SQLite point query, recorder disabled", "overhead/sqlite/disabled",
           "overhead/sqlite/bare_without_lock", for_comparison, quantity::overhead},
    figure{"SQLite point query, prometheus-cpp", "overhead/sqlite/prometheus_cpp",
           "overhead/sqlite/bare", for_comparison, quantity::overhead},
    figure{"a whole chat request, recorder on and off", "overhead/chatbot/querytap",
           "overhead/chatbot/bare", overhead_at_most(1), quantity::overhead},
    figure{"PostgreSQL point query, loopback", "overhead/postgres/querytap",
           "overhead/postgres/bare", overhead_at_most(0.2), quantity::overhead},
    figure{"MariaDB point query, prepared, loopback", "overhead/mysql/querytap",
           "overhead/mysql/bare", overhead_at_most(1), quantity::overhead},
    figure{"MariaDB point query, as a text, loopback", "overhead/mysql/querytap_text",
           "overhead/mysql/bare_text", overhead_at_most(2), quantity::overhead},
    figure{"HTTP GET, loopback, own handle observed", "overhead/http/observation",
           "overhead/http/bare", overhead_at_most(2), quantity::overhead},
    figure{"HTTP GET, loopback, http::client", "overhead/http/querytap", "overhead/http/transport",
           overhead_at_most(2), quantity::overhead},
    figure{"MongoDB find by key, loopback", "overhead/mongodb/querytap", "overhead/mongodb/bare",
           above_rival_at_most(1000), quantity::wall_time},
    figure{"MongoDB insert, loopback", "overhead/mongodb/querytap_insert",
           "overhead/mongodb/bare_insert", above_rival_at_most(1000), quantity::wall_time},
    figure{"MongoDB find by key, callbacks that do nothing", "overhead/mongodb/empty_callbacks",
           "overhead/mongodb/bare", for_comparison, quantity::wall_time},
    figure{"MongoDB insert, callbacks that do nothing", "overhead/mongodb/empty_callbacks_insert",
           "overhead/mongodb/bare_insert", for_comparison, quantity::wall_time},
    figure{"Redis PING, loopback", "overhead/redis/querytap", "overhead/redis/bare",
           overhead_at_most(1), quantity::overhead},
    figure{"Redis GET, loopback", "overhead/redis/querytap_get", "overhead/redis/bare_get",
           overhead_at_most(1), quantity::overhead},
    figure{"Redis pipeline of 100 GET, loopback", "overhead/redis/querytap_pipeline",
           "overhead/redis/bare_pipeline", overhead_at_most(0.5), quantity::overhead},

    figure{"compile querytap/querytap.hpp", "compile_time/querytap", "compile_time/prometheus_cpp",
           at_most(0.6 * s)},
    figure{"compile querytap/querytap.hpp", "compile_time/querytap",
           "compile_time/standard_headers", ratio_at_most(1.3)},
    figure{"compile decorators/postgres.hpp", "compile_time/postgres", "compile_time/pqxx",
           above_rival_at_most(0.3 * s)},
    figure{"compile decorators/http.hpp", "compile_time/http", "compile_time/curl",
           above_rival_at_most(0.5 * s)},
    figure{"compile decorators/chroma.hpp", "compile_time/chroma", "compile_time/curl",
           above_rival_at_most(0.5 * s)},
    figure{"compile decorators/llm.hpp", "compile_time/llm", "compile_time/curl",
           above_rival_at_most(0.5 * s)},
    figure{"compile decorators/mongodb.hpp", "compile_time/mongodb", "compile_time/mongoc",
           above_rival_at_most(0.5 * s)},
    figure{"compile decorators/redis.hpp", "compile_time/redis", "compile_time/hiredis",
           above_rival_at_most(0.5 * s)},
    figure{"compile runtime/endpoint/scrape_endpoint.hpp", "compile_time/endpoint",
           "compile_time/prometheus_exposer", at_most(0.4 * s)},
    figure{"compile policies/pool.hpp", "compile_time/pool", no_rival, at_most(0.4 * s)},
    figure{"compile an empty file", "compile_time/empty"},
    figure{"compile core, SQLite and endpoint, header-only", "compile_time/header_only"},
    figure{"size of the README's program, stripped", "program_size/first_query", no_rival,
           at_most(600'000), quantity::bytes},
};

}  // namespace goals
}  // namespace querytap::bench
