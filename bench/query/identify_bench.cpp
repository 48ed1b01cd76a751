// What the identity of a statement costs, for 207 bytes and for a megabyte, beside PostgreSQL's own
// parser (libpg_query) and a regular expression that only replaces literals.

#include "../support/benchmarks.hpp"
#include "../support/statement_text.hpp"

#include <querytap/query/identify.hpp>

#include <pg_query.h>

#include <regex>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::bench;

std::string megabyte_of_rows() {
  std::string text = "insert into documents(id, title, score) values ";
  while (text.size() < 1'000'000) {
    text += '(' + std::to_string(text.size()) + ", 'some ''quoted'' title', 0.25), ";
  }
  return text + "(0, 'last', 1)";
}

void identify_text(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(identify(text, dialect::postgresql));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void replace_literals(benchmark::State& state, const std::string& text) {
  const std::regex literal{R"('(?:[^']|'')*'|\b\d+(?:\.\d+)?\b)", std::regex::optimize};
  for (auto _ : state) benchmark::DoNotOptimize(std::regex_replace(text, literal, "?"));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void normalize(benchmark::State& state, const std::string& text) {
  for (auto _ : state) pg_query_free_normalize_result(pg_query_normalize(text.c_str()));
}

void fingerprint(benchmark::State& state, const std::string& text) {
  for (auto _ : state) pg_query_free_fingerprint_result(pg_query_fingerprint(text.c_str()));
}

void querytap_207(benchmark::State& state) { identify_text(state, std::string{search_text}); }
void querytap_megabyte(benchmark::State& state) { identify_text(state, megabyte_of_rows()); }
void normalize_207(benchmark::State& state) { normalize(state, std::string{search_text}); }
void fingerprint_207(benchmark::State& state) { fingerprint(state, std::string{search_text}); }
void normalize_megabyte(benchmark::State& state) { normalize(state, megabyte_of_rows()); }
void regex_207(benchmark::State& state) { replace_literals(state, std::string{search_text}); }
void regex_megabyte(benchmark::State& state) { replace_literals(state, megabyte_of_rows()); }

}  // namespace

int main(int argc, char** argv) {
  measure("query/identify_207_bytes/querytap", querytap_207);
  measure("query/identify_207_bytes/pg_query_normalize", normalize_207);
  measure("query/identify_207_bytes/pg_query_fingerprint", fingerprint_207);
  measure("query/identify_207_bytes/std_regex", regex_207);
  measure("query/identify_megabyte/querytap", querytap_megabyte);
  measure("query/identify_megabyte/pg_query_normalize", normalize_megabyte);
  measure("query/identify_megabyte/std_regex", regex_megabyte);
  return run(argc, argv);
}
