#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// Every metric that the library exports, in one table: names, units, bounds and attributes.
///
///     recorder.bind_histogram(catalog::operation_duration, {{"db.system.name", "sqlite"}});
///
/// Source   OpenTelemetry semantic conventions 1.44 (database, HTTP), 1.41 (models) and those of its SDKs;
///          what the conventions lack is named under `querytap.`, in their style. The conventions
///          give the pool histograms no bounds: the bounds of the operations are used for them.
namespace querytap::catalog {

// A table reads as a table.
// clang-format off
namespace bounds {
inline constexpr double operation[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
inline constexpr double in_process[] = {0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005,
                                        0.01,     0.05,     0.1,     0.5,     1,      5,      10};
inline constexpr double rows[] = {1,   2,   5,    10,   20,   50,  100,
                                  200, 500, 1000, 2000, 5000, 10000};
inline constexpr double internal[] = {0.00001, 0.0001, 0.001, 0.01, 0.1, 1};
inline constexpr double http[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};
inline constexpr double model[] = {0.01, 0.02, 0.04, 0.08, 0.16,  0.32,  0.64,
                                   1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
inline constexpr double tokens[] = {1,     4,      16,      64,      256,      1024,     4096,
                                    16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
inline constexpr double results[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000};
inline constexpr double distances[] = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 5, 10, 100, 1000};
inline constexpr double shares[] = {0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1};
inline constexpr double ages[] = {60, 3600, 86400, 604800, 2592000, 7776000, 31536000, 157680000};
inline constexpr double bytes[] = {1024, 16384, 65536, 262144, 1048576, 4194304, 16777216};
}  // namespace bounds

namespace keys {
inline constexpr std::string_view operation[] = {
    "db.system.name", "db.namespace", "db.collection.name", "db.query.summary", "db.operation.name",
    "server.address", "server.port",  "error.type",         "db.response.status_code"};
inline constexpr std::string_view pool[] = {"db.client.connection.pool.name"};
inline constexpr std::string_view pool_state[] = {"db.client.connection.pool.name",
                                                  "db.client.connection.state"};
inline constexpr std::string_view pool_phase[] = {"db.client.connection.pool.name",
                                                  "querytap.phase"};
inline constexpr std::string_view phase[] = {"db.system.name", "querytap.phase"};
inline constexpr std::string_view system[] = {"db.system.name"};
inline constexpr std::string_view system_summary[] = {"db.system.name", "db.query.summary"};
inline constexpr std::string_view system_result[] = {"db.system.name", "querytap.result"};
inline constexpr std::string_view server_error[] = {"server.address", "server.port", "error.type"};
inline constexpr std::string_view topology[] = {"querytap.mongodb.topology.type"};
inline constexpr std::string_view request[] = {"querytap.request.name", "error.type"};
inline constexpr std::string_view request_system[] = {"querytap.request.name", "db.system.name"};
inline constexpr std::string_view transaction_outcome[] = {"db.system.name",
                                                           "querytap.transaction.outcome"};
inline constexpr std::string_view transaction_stage[] = {"db.system.name", "querytap.transaction.stage"};
inline constexpr std::string_view http[] = {
    "http.request.method", "url.template", "server.address", "server.port", "http.response.status_code", "error.type"};
inline constexpr std::string_view model[] = {
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model",
    "server.address",        "server.port",          "error.type"};
inline constexpr std::string_view model_tokens[] = {
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model",
    "server.address",        "server.port",          "gen_ai.token.type"};
inline constexpr std::string_view model_usage[] = {
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model",
    "server.address",        "server.port",          "gen_ai.token.modality"};
inline constexpr std::string_view model_answer[] = {
    "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "querytap.result"};
inline constexpr std::string_view model_cost[] = {"gen_ai.provider.name", "gen_ai.request.model", "querytap.tenant"};
inline constexpr std::string_view asked_model[] = {"gen_ai.provider.name", "gen_ai.request.model"};
inline constexpr std::string_view tenant[] = {"querytap.tenant"};
inline constexpr std::string_view rate_limit[] = {"gen_ai.provider.name", "gen_ai.request.model", "querytap.limit"};
inline constexpr std::string_view search[] = {"db.system.name", "db.collection.name", "querytap.strategy"};
inline constexpr std::string_view search_reason[] = {"db.system.name", "db.collection.name", "querytap.strategy",
                                                     "querytap.reason"};
inline constexpr std::string_view stage[] = {"querytap.request.name", "querytap.stage", "querytap.strategy"};
inline constexpr std::string_view stage_ending[] = {"querytap.request.name", "querytap.stage", "querytap.strategy",
                                                    "error.type"};
inline constexpr std::string_view named_component[] = {"querytap.component", "error.type"};
inline constexpr std::string_view component_name[] = {"querytap.component"};
inline constexpr std::string_view stream[] = {"querytap.stream"};
inline constexpr std::string_view stream_ending[] = {"querytap.stream", "error.type"};
inline constexpr std::string_view health[] = {"querytap.component", "querytap.health.status"};
inline constexpr std::string_view source[] = {"querytap.source"};
inline constexpr std::string_view source_reason[] = {"querytap.source", "querytap.reason"};
inline constexpr std::string_view finding[] = {"querytap.finding.kind"};
inline constexpr std::string_view reason[] = {"querytap.reason"};
inline constexpr std::string_view overflow[] = {"querytap.instrument", "querytap.attribute"};
inline constexpr std::string_view instrument[] = {"querytap.instrument"};
inline constexpr std::string_view part[] = {"querytap.part"};
inline constexpr std::string_view format[] = {"querytap.format"};
inline constexpr std::string_view component[] = {"otel.component.type", "otel.component.name"};
inline constexpr std::string_view component_error[] = {"otel.component.type", "otel.component.name",
                                                       "error.type"};
inline constexpr std::string_view component_status[] = {"otel.component.type", "otel.component.name",
                                                        "error.type", "http.response.status_code"};
}  // namespace keys

// A span's own conversion from an array takes the compiler long, and once for each length.
template <class Item, std::size_t Size>
consteval std::span<const Item> span_of(const Item (&items)[Size]) noexcept {
  return {items, Size};
}

using enum instrument_kind;

inline constexpr instrument operation_duration{
    "db.client.operation.duration", "s", histogram,
    "Duration of database client operations.", span_of(bounds::operation), span_of(keys::operation)};
inline constexpr instrument returned_rows{
    "db.client.response.returned_rows", "{row}", histogram,
    "Rows returned by a database operation.", span_of(bounds::rows), span_of(keys::operation)};

inline constexpr instrument http_request_duration{
    "http.client.request.duration", "s", histogram,
    "Duration of HTTP requests that the application sends.", span_of(bounds::http), span_of(keys::http)};

namespace gen_ai {
// As of version 1.41 of the conventions.
inline constexpr instrument operation_duration{
    "gen_ai.client.operation.duration", "s", histogram,
    "Duration of calls of models.", span_of(bounds::model), span_of(keys::model)};
inline constexpr instrument token_usage{
    "gen_ai.client.token.usage", "{token}", histogram,
    "Input and output tokens of a call, those that are paid for.", span_of(bounds::tokens),
    span_of(keys::model_tokens)};
inline constexpr instrument time_to_first_chunk{
    "gen_ai.client.operation.time_to_first_chunk", "s", histogram,
    "Time until the first chunk of a streamed answer.", span_of(bounds::model), span_of(keys::model)};
inline constexpr instrument time_per_output_chunk{
    "gen_ai.client.operation.time_per_output_chunk", "s", histogram,
    "Time between the chunks of a streamed answer, after the first one.", span_of(bounds::model),
    span_of(keys::model)};

// As of the conventions in the making, where gen_ai_names::latest is chosen. What is neither an answer nor an
// embedding keeps `operation_duration`.
inline constexpr instrument inference_duration{
    "gen_ai.client.inference.duration", "s", histogram,
    "Duration of answers of models.", span_of(bounds::model), span_of(keys::model)};
inline constexpr instrument embeddings_duration{
    "gen_ai.client.embeddings.duration", "s", histogram,
    "Duration of calls that embed.", span_of(bounds::model), span_of(keys::model)};
inline constexpr instrument inference_time_to_first_chunk{
    "gen_ai.client.inference.time_to_first_chunk", "s", histogram,
    "Time until the first chunk of a streamed answer.", span_of(bounds::model), span_of(keys::model)};
inline constexpr instrument inference_time_per_output_chunk{
    "gen_ai.client.inference.time_per_output_chunk", "s", histogram,
    "Time between the chunks of a streamed answer, after the first one.", span_of(bounds::model),
    span_of(keys::model)};
inline constexpr instrument input_tokens{
    "gen_ai.client.inference.usage.input_tokens", "{token}", counter,
    "Input tokens, with those read from a cache.", {}, span_of(keys::model_usage)};
inline constexpr instrument output_tokens{
    "gen_ai.client.inference.usage.output_tokens", "{token}", counter,
    "Output tokens, with those of reasoning.", {}, span_of(keys::model_usage)};
inline constexpr instrument cache_read_tokens{
    "gen_ai.client.inference.usage.cache_read.input_tokens", "{token}", counter,
    "Input tokens read from a cache of the provider.", {}, span_of(keys::model_usage)};
inline constexpr instrument cache_write_tokens{
    "gen_ai.client.inference.usage.cache_write.input_tokens", "{token}", counter,
    "Input tokens written to a cache of the provider.", {}, span_of(keys::model_usage)};
inline constexpr instrument reasoning_tokens{
    "gen_ai.client.inference.usage.reasoning.output_tokens", "{token}", counter,
    "Output tokens of reasoning.", {}, span_of(keys::model_usage)};
inline constexpr instrument input_tokens_of_operation{
    "gen_ai.client.inference.operation.input_tokens", "{token}", histogram,
    "Input tokens of an answer.", span_of(bounds::tokens), span_of(keys::model)};
inline constexpr instrument output_tokens_of_operation{
    "gen_ai.client.inference.operation.output_tokens", "{token}", histogram,
    "Output tokens of an answer.", span_of(bounds::tokens), span_of(keys::model)};
inline constexpr instrument input_tokens_of_embeddings{
    "gen_ai.client.embeddings.operation.input_tokens", "{token}", histogram,
    "Input tokens of a call that embeds.", span_of(bounds::tokens), span_of(keys::model)};

// Ours.
inline constexpr instrument answers{
    "querytap.gen_ai.answers", "{answer}", counter,
    "Answers of models, by the reason why they ended.", {}, span_of(keys::model_answer)};
inline constexpr instrument cost{
    "querytap.gen_ai.cost", "{USD}", counter,
    "Cost of calls of models in US dollars, by the prices that the application gave.", {}, span_of(keys::model_cost),
    1'000'000'000};
inline constexpr instrument not_priced{
    "querytap.gen_ai.not_priced", "{call}", counter,
    "Calls of models whose cost is not known.", {}, span_of(keys::model_cost)};
inline constexpr instrument rate_limit_remaining{
    "querytap.gen_ai.rate_limit.remaining", "1", gauge,
    "Share of a rate limit that is left, as the provider last said.", {}, span_of(keys::rate_limit), 1'000'000};
inline constexpr instrument server_duration{
    "querytap.gen_ai.server.duration", "s", histogram,
    "Time that a provider worked on a call before it began to answer, as it says itself.", span_of(bounds::model),
    span_of(keys::asked_model)};
inline constexpr instrument tool_calls{
    "querytap.gen_ai.tool_calls", "{call}", counter,
    "Calls of tools that models asked for.", {}, span_of(keys::asked_model)};
inline constexpr instrument unended_streams{
    "querytap.gen_ai.unended_streams", "{stream}", counter,
    "Streamed answers that were whole, but whose stream had no last message.", {}, span_of(keys::asked_model)};
inline constexpr instrument estimated_tokens{
    "querytap.gen_ai.estimated_tokens", "{token}", counter,
    "Tokens of calls whose endpoint reported none, by the length of their texts.", {},
    span_of(keys::model_tokens)};
inline constexpr instrument budget_spent{
    "querytap.gen_ai.budget.spent", "{USD}", gauge,
    "US dollars that a tenant has spent in the period of its budget.", {}, span_of(keys::tenant), 1'000'000'000};
inline constexpr instrument budget_limit{
    "querytap.gen_ai.budget.limit", "{USD}", gauge,
    "US dollars that a tenant may spend in the period of its budget.", {}, span_of(keys::tenant), 1'000'000'000};
inline constexpr instrument price_file_timestamp{
    "querytap.price_file.timestamp", "s", gauge,
    "When the file of the prices was changed last.", {}, {}};
inline constexpr instrument embedding_inputs{
    "querytap.embedding.inputs", "{input}", histogram,
    "Texts that one call embeds.", span_of(bounds::results), {}};
}  // namespace gen_ai

inline constexpr instrument connection_count{
    "db.client.connection.count", "{connection}", up_down_counter,
    "Connections of the pool by state.", {}, span_of(keys::pool_state)};
inline constexpr instrument connection_idle_max{
    "db.client.connection.idle.max", "{connection}", up_down_counter,
    "Most idle connections that the pool keeps.", {}, span_of(keys::pool)};
inline constexpr instrument connection_idle_min{
    "db.client.connection.idle.min", "{connection}", up_down_counter,
    "Fewest idle connections that the pool keeps.", {}, span_of(keys::pool)};
inline constexpr instrument connection_max{
    "db.client.connection.max", "{connection}", up_down_counter,
    "Most connections that the pool opens.", {}, span_of(keys::pool)};
inline constexpr instrument connection_pending_requests{
    "db.client.connection.pending_requests", "{request}", up_down_counter,
    "Callers that wait for a connection.", {}, span_of(keys::pool)};
inline constexpr instrument connection_timeouts{
    "db.client.connection.timeouts", "{timeout}", counter,
    "Callers that gave up waiting for a connection.", {}, span_of(keys::pool)};
inline constexpr instrument connection_create_time{
    "db.client.connection.create_time", "s", histogram,
    "Time to open a connection.", span_of(bounds::operation), span_of(keys::pool)};
inline constexpr instrument connection_wait_time{
    "db.client.connection.wait_time", "s", histogram,
    "Time to obtain a connection from the pool.", span_of(bounds::operation), span_of(keys::pool)};
inline constexpr instrument connection_use_time{
    "db.client.connection.use_time", "s", histogram,
    "Time between borrowing and returning a connection.", span_of(bounds::operation), span_of(keys::pool)};

inline constexpr instrument exporter_data_point_inflight{
    "otel.sdk.exporter.metric_data_point.inflight", "{data_point}", up_down_counter,
    "Data points handed to the exporter and not settled.", {}, span_of(keys::component)};
inline constexpr instrument exporter_data_point_exported{
    "otel.sdk.exporter.metric_data_point.exported", "{data_point}", counter,
    "Data points that the exporter has settled, by success or failure.", {}, span_of(keys::component_error)};
inline constexpr instrument exporter_log_inflight{
    "otel.sdk.exporter.log.inflight", "{log_record}", up_down_counter,
    "Log records handed to the exporter and not settled.", {}, span_of(keys::component)};
inline constexpr instrument exporter_log_exported{
    "otel.sdk.exporter.log.exported", "{log_record}", counter,
    "Log records that the exporter has settled, by success or failure.", {}, span_of(keys::component_error)};
inline constexpr instrument exporter_span_inflight{
    "otel.sdk.exporter.span.inflight", "{span}", up_down_counter,
    "Spans handed to the exporter and not settled.", {}, span_of(keys::component)};
inline constexpr instrument exporter_span_exported{
    "otel.sdk.exporter.span.exported", "{span}", counter,
    "Spans that the exporter has settled, by success or failure.", {}, span_of(keys::component_error)};
inline constexpr instrument exporter_operation_duration{
    "otel.sdk.exporter.operation.duration", "s", histogram,
    "Duration of an export with all its retries.", span_of(bounds::operation), span_of(keys::component_status)};
inline constexpr instrument processor_log_queue_size{
    "otel.sdk.processor.log.queue.size", "{log_record}", up_down_counter,
    "Log records that wait to be exported.", {}, span_of(keys::component)};
inline constexpr instrument processor_log_queue_capacity{
    "otel.sdk.processor.log.queue.capacity", "{log_record}", up_down_counter,
    "Most log records that may wait to be exported.", {}, span_of(keys::component)};
inline constexpr instrument processor_log_processed{
    "otel.sdk.processor.log.processed", "{log_record}", counter,
    "Log records that have left the queue, or found it full.", {}, span_of(keys::component_error)};
inline constexpr instrument processor_span_queue_size{
    "otel.sdk.processor.span.queue.size", "{span}", up_down_counter,
    "Spans that wait to be exported.", {}, span_of(keys::component)};
inline constexpr instrument processor_span_queue_capacity{
    "otel.sdk.processor.span.queue.capacity", "{span}", up_down_counter,
    "Most spans that may wait to be exported.", {}, span_of(keys::component)};
inline constexpr instrument processor_span_processed{
    "otel.sdk.processor.span.processed", "{span}", counter,
    "Spans that have left the queue, or found it full.", {}, span_of(keys::component_error)};

inline constexpr instrument phase_duration{
    "querytap.operation.phase.duration", "s", histogram,
    "Time that operations spend in each phase.", span_of(bounds::operation), span_of(keys::phase)};
inline constexpr instrument operation_active{
    "querytap.operation.active", "{operation}", gauge,
    "Operations in flight.", {}, span_of(keys::system)};
inline constexpr instrument operation_slow{
    "querytap.operation.slow", "{operation}", counter,
    "Operations that took longer than the slow threshold.", {}, span_of(keys::system_summary)};
inline constexpr instrument transaction_duration{
    "querytap.transaction.duration", "s", histogram,
    "Duration of transactions, from BEGIN to their end.", span_of(bounds::operation),
    span_of(keys::transaction_outcome)};
inline constexpr instrument transaction_idle{
    "querytap.transaction.idle", "s", histogram,
    "Time in a transaction without a call of its connection: up to the first query, between queries, and before the end.",
    span_of(bounds::operation), span_of(keys::transaction_stage)};
inline constexpr instrument pool_phase_duration{
    "querytap.pool.phase.duration", "s", histogram,
    "Time that callers of a pool spend waiting for a place, connecting and validating.",
    span_of(bounds::operation), span_of(keys::pool_phase)};
inline constexpr instrument pool_leaks{
    "querytap.pool.leaks", "{connection}", counter,
    "Connections of the pool that were lent for too long.", {}, span_of(keys::pool)};
inline constexpr instrument pool_unleaks{
    "querytap.pool.unleaks", "{connection}", counter,
    "Connections of the pool that came back after they were lent for too long.", {}, span_of(keys::pool)};
inline constexpr instrument connection_reconnects{
    "querytap.connection.reconnects", "{connection}", counter,
    "Connections that a client replaced without an error.", {}, span_of(keys::system)};
inline constexpr instrument response_size{
    "querytap.response.size", "By", histogram,
    "Size of what one operation was answered with.", span_of(bounds::bytes), span_of(keys::system)};
inline constexpr instrument redis_messages{
    "querytap.redis.messages", "{message}", counter,
    "Messages of subscriptions and of MONITOR that were read.", {}, span_of(keys::system)};
inline constexpr instrument redis_redirects{
    "querytap.redis.redirects", "{redirect}", counter,
    "Commands that a node of a cluster sent on to another, by MOVED and ASK.", {},
    span_of(keys::system_result)};
inline constexpr instrument statement_cache_lookups{
    "querytap.statement_cache.lookups", "{lookup}", counter,
    "Prepared statements asked of connections' caches, by whether they were compiled already.", {},
    span_of(keys::system_result)};
inline constexpr instrument sqlite_full_scan_steps{
    "querytap.sqlite.full_scan.steps", "{step}", counter,
    "Steps of full scans of tables and of whole indexes.", {}, span_of(keys::system)};
inline constexpr instrument sqlite_sorts{
    "querytap.sqlite.sorts", "{sort}", counter,
    "Sorts that no index spared.", {}, span_of(keys::system)};
inline constexpr instrument sqlite_automatic_index_rows{
    "querytap.sqlite.automatic_index.rows", "{row}", counter,
    "Rows put into indexes that were made for one call and thrown away.", {}, span_of(keys::system)};
inline constexpr instrument sqlite_vm_steps{
    "querytap.sqlite.vm.steps", "{step}", counter,
    "Operations of SQLite's virtual machine.", {}, span_of(keys::system)};
inline constexpr instrument sqlite_reprepares{
    "querytap.sqlite.reprepares", "{statement}", counter,
    "Statements compiled anew because the schema or a setting had changed.", {}, span_of(keys::system)};
inline constexpr instrument sqlite_filter_lookups{
    "querytap.sqlite.filter.lookups", "{lookup}", counter,
    "Rows of joins looked up in Bloom filters: a miss spares the search.", {},
    span_of(keys::system_result)};
inline constexpr instrument mongodb_heartbeat_duration{
    "querytap.mongodb.heartbeat.duration", "s", histogram,
    "Time that heartbeats of MongoDB servers take, but for those that wait for news.",
    span_of(bounds::operation), span_of(keys::server_error)};
inline constexpr instrument mongodb_topology_changes{
    "querytap.mongodb.topology.changes", "{change}", counter,
    "Changes of what the driver knows of its MongoDB servers, by what it knows since.", {},
    span_of(keys::topology)};
inline constexpr instrument mongodb_retries{
    "querytap.mongodb.retries", "{retry}", counter,
    "Commands that the driver sent once more after a failure.", {}, span_of(keys::system)};
inline constexpr instrument mongodb_overloads{
    "querytap.mongodb.overloads", "{error}", counter,
    "Failures by which MongoDB servers ask to be spared.", {}, span_of(keys::system)};
inline constexpr instrument request_duration{
    "querytap.request.duration", "s", histogram,
    "Duration of the application's requests.", span_of(bounds::operation), span_of(keys::request)};
inline constexpr instrument request_operations{
    "querytap.request.operations", "{operation}", histogram,
    "Operations that one request makes.", span_of(bounds::rows), span_of(keys::request_system)};
inline constexpr instrument request_backend_duration{
    "querytap.request.backend.duration", "s", histogram,
    "Time that one request spends in a backend.", span_of(bounds::operation), span_of(keys::request_system)};
inline constexpr instrument request_left_out{
    "querytap.request.left_out", "{request}", counter,
    "Requests that repeat what others reported, and have no report of their own.", {}, {}};
inline constexpr instrument rag_stage_duration{
    "querytap.rag.stage.duration", "s", histogram,
    "Duration of the stages of requests that retrieve and generate.", span_of(bounds::operation),
    span_of(keys::stage_ending)};
inline constexpr instrument rag_stage_results{
    "querytap.rag.stage.results", "{result}", histogram,
    "Passages that a stage hands on.", span_of(bounds::results), span_of(keys::stage)};
inline constexpr instrument retrieval_asked{
    "querytap.retrieval.asked", "{result}", histogram,
    "Results that a search asks for.", span_of(bounds::results), span_of(keys::search)};
inline constexpr instrument retrieval_returned{
    "querytap.retrieval.returned", "{result}", histogram,
    "Results that a search returns.", span_of(bounds::results), span_of(keys::search)};
inline constexpr instrument retrieval_empty{
    "querytap.retrieval.empty", "{search}", counter,
    "Searches that return nothing.", {}, span_of(keys::search)};
inline constexpr instrument retrieval_under_return{
    "querytap.retrieval.under_return", "{search}", counter,
    "Searches that return fewer results than asked for, by reason.", {}, span_of(keys::search_reason)};
inline constexpr instrument retrieval_distance{
    "querytap.retrieval.distance", "1", histogram,
    "Distance of each result of a search.", span_of(bounds::distances), span_of(keys::search), 1'000'000};
inline constexpr instrument retrieval_score_margin{
    "querytap.retrieval.score_margin", "1", histogram,
    "How far the first result of a search is ahead of the last one.", span_of(bounds::distances),
    span_of(keys::search), 1'000'000};
inline constexpr instrument retrieval_duplicates{
    "querytap.retrieval.duplicates", "{result}", counter,
    "Results that repeat the text of another result of their search.", {}, span_of(keys::search)};
inline constexpr instrument retrieval_source_age{
    "querytap.retrieval.source_age", "s", histogram,
    "Age of the newest source that a search returns.", span_of(bounds::ages), span_of(keys::search)};
inline constexpr instrument retrieval_stability{
    "querytap.retrieval.stability", "1", histogram,
    "Share of results that a repeated question has in common with the last time: their Jaccard index.",
    span_of(bounds::shares), span_of(keys::search), 1'000'000};
inline constexpr instrument component_duration{
    "querytap.component.duration", "s", histogram,
    "Duration of the work of the application's components.", span_of(bounds::in_process),
    span_of(keys::named_component)};
inline constexpr instrument component_quality{
    "querytap.component.quality", "1", histogram,
    "Quality of the work of a component, as the component itself values it.", span_of(bounds::shares),
    span_of(keys::component_name), 1'000'000};
inline constexpr instrument stream_duration{
    "querytap.stream.duration", "s", histogram,
    "Duration of streams.", span_of(bounds::model), span_of(keys::stream_ending)};
inline constexpr instrument stream_time_to_first_message{
    "querytap.stream.time_to_first_message", "s", histogram,
    "Time until the first message of a stream.", span_of(bounds::model), span_of(keys::stream)};
inline constexpr instrument stream_message_gap{
    "querytap.stream.message_gap", "s", histogram,
    "Time between two messages of a stream.", span_of(bounds::model), span_of(keys::stream)};
inline constexpr instrument stream_bytes{
    "querytap.stream.bytes", "By", counter,
    "Bytes of the messages of streams.", {}, span_of(keys::stream)};
inline constexpr instrument stream_active{
    "querytap.stream.active", "{stream}", up_down_counter,
    "Streams that are open.", {}, span_of(keys::stream)};
inline constexpr instrument health_status{
    "querytap.health.status", "1", gauge,
    "Health of components: 1 for the status that each one has, 0 for all others.", {}, span_of(keys::health)};
inline constexpr instrument health_duration{
    "querytap.health.duration", "s", histogram,
    "Duration of probes of components.", span_of(bounds::operation), span_of(keys::component_name)};
inline constexpr instrument source_duration{
    "querytap.source.duration", "s", histogram,
    "Time that a server, the host or the process is asked for its values.", span_of(bounds::operation),
    span_of(keys::source)};
inline constexpr instrument source_failures{
    "querytap.source.failures", "{collection}", counter,
    "Collections from a server, the host or the process that failed, by reason.", {},
    span_of(keys::source_reason)};
inline constexpr instrument source_age{
    "querytap.source.age", "s", gauge,
    "Age of the values of a server, the host or the process.", {}, span_of(keys::source)};
inline constexpr instrument finding_count{
    "querytap.finding.count", "{finding}", counter,
    "Findings by kind.", {}, span_of(keys::finding)};

inline constexpr instrument dropped{
    "querytap.dropped", "{record}", counter,
    "Records that could not be stored, by reason.", {}, span_of(keys::reason)};
inline constexpr instrument file_dropped{
    "querytap.file.dropped", "{line}", counter,
    "Lines that could not be written to a file, by reason.", {}, span_of(keys::reason)};
inline constexpr instrument overflow{
    "querytap.overflow", "{record}", counter,
    "Series refused because of a limit, by instrument and attribute at fault.", {},
    span_of(keys::overflow)};
inline constexpr instrument series{
    "querytap.series", "{series}", gauge,
    "Series bound, by instrument.", {}, span_of(keys::instrument)};
inline constexpr instrument lanes{
    "querytap.lanes", "{lane}", gauge,
    "Lanes that threads have recorded into.", {}, {}};
inline constexpr instrument memory_usage{
    "querytap.memory.usage", "By", gauge,
    "Memory held by the recorder.", {}, span_of(keys::part)};
inline constexpr instrument collect_duration{
    "querytap.collect.duration", "s", histogram,
    "Time to collect a snapshot.", span_of(bounds::internal), {}};
inline constexpr instrument scrape_duration{
    "querytap.scrape.duration", "s", histogram,
    "Time to collect and render a scrape.", span_of(bounds::internal), span_of(keys::format)};
inline constexpr instrument scrape_renamed{
    "querytap.scrape.renamed", "{series}", gauge,
    "Series exported under another name or with another label, since their own is not theirs alone.", {},
    span_of(keys::instrument)};
inline constexpr instrument scrape_size{
    "querytap.scrape.size", "By", histogram,
    "Size of a scrape before compression.", span_of(bounds::bytes), span_of(keys::format)};

inline constexpr std::array all = {
    &operation_duration, &returned_rows, &http_request_duration, &gen_ai::operation_duration,
    &gen_ai::token_usage, &gen_ai::time_to_first_chunk, &gen_ai::time_per_output_chunk,
    &gen_ai::inference_duration, &gen_ai::embeddings_duration, &gen_ai::inference_time_to_first_chunk,
    &gen_ai::inference_time_per_output_chunk, &gen_ai::input_tokens, &gen_ai::output_tokens,
    &gen_ai::cache_read_tokens, &gen_ai::cache_write_tokens, &gen_ai::reasoning_tokens,
    &gen_ai::input_tokens_of_operation, &gen_ai::output_tokens_of_operation,
    &gen_ai::input_tokens_of_embeddings, &gen_ai::answers, &gen_ai::cost, &gen_ai::not_priced,
    &gen_ai::rate_limit_remaining, &gen_ai::server_duration, &gen_ai::tool_calls, &gen_ai::unended_streams,
    &gen_ai::estimated_tokens, &gen_ai::budget_spent, &gen_ai::budget_limit, &gen_ai::price_file_timestamp,
    &gen_ai::embedding_inputs, &connection_count, &connection_idle_max,
    &connection_idle_min, &connection_max, &connection_pending_requests, &connection_timeouts,
    &connection_create_time, &connection_wait_time, &connection_use_time,
    &exporter_data_point_inflight, &exporter_data_point_exported, &exporter_log_inflight,
    &exporter_log_exported, &exporter_span_inflight, &exporter_span_exported,
    &exporter_operation_duration, &processor_log_queue_size, &processor_log_queue_capacity,
    &processor_log_processed, &processor_span_queue_size, &processor_span_queue_capacity,
    &processor_span_processed, &phase_duration, &operation_active, &operation_slow,
    &transaction_duration, &transaction_idle, &pool_phase_duration, &pool_leaks, &pool_unleaks,
    &connection_reconnects, &response_size, &redis_messages, &redis_redirects,
    &statement_cache_lookups, &sqlite_full_scan_steps, &sqlite_sorts, &sqlite_automatic_index_rows,
    &sqlite_vm_steps, &sqlite_reprepares, &sqlite_filter_lookups,
    &mongodb_heartbeat_duration, &mongodb_topology_changes, &mongodb_retries, &mongodb_overloads,
    &request_duration, &request_operations, &request_backend_duration, &request_left_out,
    &rag_stage_duration, &rag_stage_results, &retrieval_asked, &retrieval_returned, &retrieval_empty,
    &retrieval_under_return, &retrieval_distance, &retrieval_score_margin, &retrieval_duplicates,
    &retrieval_source_age, &retrieval_stability, &component_duration, &component_quality,
    &stream_duration, &stream_time_to_first_message, &stream_message_gap, &stream_bytes,
    &stream_active, &health_status, &health_duration, &source_duration, &source_failures, &source_age,
    &finding_count, &dropped, &file_dropped, &overflow, &series, &lanes, &memory_usage,
    &collect_duration, &scrape_duration, &scrape_renamed, &scrape_size};

// clang-format on

/// The same metrics as bound by calls to a store that runs in the process, such as SQLite: most of
/// its calls take less than the smallest bound of the conventions, so that there are bounds below
/// it, from 1 µs on.
namespace in_process {
[[nodiscard]] consteval instrument with_finer_bounds(instrument of_conventions) {
  of_conventions.bounds = span_of(bounds::in_process);
  return of_conventions;
}
inline constexpr instrument operation_duration{with_finer_bounds(catalog::operation_duration)};
inline constexpr instrument phase_duration{with_finer_bounds(catalog::phase_duration)};
inline constexpr instrument request_backend_duration{
    with_finer_bounds(catalog::request_backend_duration)};

inline constexpr instrument transaction_duration{with_finer_bounds(catalog::transaction_duration)};
inline constexpr instrument transaction_idle{with_finer_bounds(catalog::transaction_idle)};

inline constexpr std::array all = {&operation_duration, &phase_duration, &request_backend_duration,
                                   &transaction_duration, &transaction_idle};
}  // namespace in_process

}  // namespace querytap::catalog
