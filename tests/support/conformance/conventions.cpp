#include <support/conformance/conventions.hpp>

#include <querytap/snapshot/instrument.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace querytap::testing::conformance {
namespace {

enum class type { text, integer };
enum class level {
  required,
  where_known,  // required or recommended on a condition that the series does not show
};

struct convention_attribute {
  std::string_view key;
  type value;
  level need;
};

struct convention_metric {
  std::string_view name;
  instrument_kind kind;
  std::string_view unit;
  std::span<const double> bounds;  // empty: the conventions give none
  std::span<const convention_attribute> attributes;
};

constexpr double duration_bounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
constexpr double http_bounds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                  0.5,   0.75, 1,     2.5,  5,     7.5, 10};
constexpr double model_bounds[] = {0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                   1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr double token_bounds[] = {1,     4,     16,     64,      256,     1024,     4096,
                                   16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
constexpr double row_bounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

using enum type;
using enum level;

constexpr convention_attribute call_attributes[] = {
    {"db.system.name", text, required},
    {"db.collection.name", text, where_known},
    {"db.namespace", text, where_known},
    {"db.operation.name", text, where_known},
    {"db.response.status_code", text, where_known},
    {"error.type", text, where_known},
    {"server.port", integer, where_known},
    {"db.query.summary", text, where_known},
    {"db.stored_procedure.name", text, where_known},
    {"network.peer.address", text, where_known},
    {"network.peer.port", integer, where_known},
    {"server.address", text, where_known},
};
constexpr convention_attribute http_attributes[] = {
    {"http.request.method", text, required}, {"server.address", text, required},
    {"server.port", integer, required},      {"http.response.status_code", integer, where_known},
    {"error.type", text, where_known},       {"url.template", text, where_known},
};
constexpr convention_attribute model_attributes[] = {
    {"gen_ai.operation.name", text, required},   {"gen_ai.provider.name", text, required},
    {"gen_ai.request.model", text, where_known}, {"gen_ai.response.model", text, where_known},
    {"server.address", text, where_known},       {"server.port", integer, where_known},
    {"error.type", text, where_known},
};
constexpr convention_attribute model_token_attributes[] = {
    {"gen_ai.operation.name", text, required},    {"gen_ai.provider.name", text, required},
    {"gen_ai.token.type", text, required},        {"gen_ai.request.model", text, where_known},
    {"gen_ai.response.model", text, where_known}, {"server.address", text, where_known},
    {"server.port", integer, where_known},
};
constexpr convention_attribute model_usage_attributes[] = {
    {"gen_ai.operation.name", text, required},    {"gen_ai.provider.name", text, required},
    {"gen_ai.token.modality", text, required},    {"gen_ai.request.model", text, where_known},
    {"gen_ai.response.model", text, where_known}, {"server.address", text, where_known},
    {"server.port", integer, where_known},
};
constexpr convention_attribute pool_attributes[] = {
    {"db.client.connection.pool.name", text, required}};
constexpr convention_attribute pool_state_attributes[] = {
    {"db.client.connection.pool.name", text, required},
    {"db.client.connection.state", text, required}};
constexpr convention_attribute span_only_attributes[] = {
    {"db.query.text", text, where_known},
    {"db.operation.batch.size", integer, where_known},
    {"db.response.returned_rows", integer, where_known},
    {"code.file.path", text, where_known},
    {"code.line.number", integer, where_known},
    {"code.function.name", text, where_known},
    {"http.response.status_code", integer, where_known},
};

using enum instrument_kind;

constexpr convention_metric conventions[] = {
    {"db.client.operation.duration", histogram, "s", duration_bounds, call_attributes},
    {"db.client.response.returned_rows", histogram, "{row}", row_bounds, call_attributes},
    {"http.client.request.duration", histogram, "s", http_bounds, http_attributes},
    {"gen_ai.client.operation.duration", histogram, "s", model_bounds, model_attributes},
    {"gen_ai.client.operation.time_to_first_chunk", histogram, "s", model_bounds, model_attributes},
    {"gen_ai.client.operation.time_per_output_chunk", histogram, "s", model_bounds,
     model_attributes},
    {"gen_ai.client.token.usage", histogram, "{token}", token_bounds, model_token_attributes},
    {"gen_ai.client.inference.duration", histogram, "s", model_bounds, model_attributes},
    {"gen_ai.client.embeddings.duration", histogram, "s", model_bounds, model_attributes},
    {"gen_ai.client.inference.time_to_first_chunk", histogram, "s", model_bounds, model_attributes},
    {"gen_ai.client.inference.time_per_output_chunk", histogram, "s", model_bounds,
     model_attributes},
    {"gen_ai.client.inference.usage.input_tokens", counter, "{token}", {}, model_usage_attributes},
    {"gen_ai.client.inference.usage.output_tokens", counter, "{token}", {}, model_usage_attributes},
    {"gen_ai.client.inference.usage.cache_read.input_tokens",
     counter,
     "{token}",
     {},
     model_usage_attributes},
    {"gen_ai.client.inference.usage.cache_write.input_tokens",
     counter,
     "{token}",
     {},
     model_usage_attributes},
    {"gen_ai.client.inference.usage.reasoning.output_tokens",
     counter,
     "{token}",
     {},
     model_usage_attributes},
    {"gen_ai.client.inference.operation.input_tokens", histogram, "{token}", token_bounds,
     model_attributes},
    {"gen_ai.client.inference.operation.output_tokens", histogram, "{token}", token_bounds,
     model_attributes},
    {"gen_ai.client.embeddings.operation.input_tokens", histogram, "{token}", token_bounds,
     model_attributes},
    {"db.client.connection.count", up_down_counter, "{connection}", {}, pool_state_attributes},
    {"db.client.connection.idle.max", up_down_counter, "{connection}", {}, pool_attributes},
    {"db.client.connection.idle.min", up_down_counter, "{connection}", {}, pool_attributes},
    {"db.client.connection.max", up_down_counter, "{connection}", {}, pool_attributes},
    {"db.client.connection.pending_requests", up_down_counter, "{request}", {}, pool_attributes},
    {"db.client.connection.timeouts", counter, "{timeout}", {}, pool_attributes},
    {"db.client.connection.create_time", histogram, "s", {}, pool_attributes},
    {"db.client.connection.wait_time", histogram, "s", {}, pool_attributes},
    {"db.client.connection.use_time", histogram, "s", {}, pool_attributes},
};

// Names of the well-known systems that this library has, and those that may be added.
constexpr std::string_view known_systems[] = {"postgresql", "sqlite",  "mysql",  "mariadb",
                                              "redis",      "mongodb", "chroma", "elasticsearch"};

class deviations {
 public:
  explicit deviations(std::string about) : about_{std::move(about)} {}

  void add(std::string_view sentence) { list_.push_back(about_ + ": " + std::string{sentence}); }
  void add_unless(bool holds, std::string_view sentence) {
    if (!holds) add(sentence);
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(list_); }

 private:
  std::string about_;
  std::vector<std::string> list_;
};

bool has_type(const attribute_value& value, type expected) {
  return expected == text ? std::holds_alternative<std::string>(value)
                          : std::holds_alternative<std::int64_t>(value);
}

std::string text_of(const attributes& set, std::string_view key) {
  const attribute_value* const value = set.find(key);
  return value == nullptr ? std::string{} : to_string(*value);
}

bool is_our_own(std::string_view key) { return key.starts_with("querytap."); }

const convention_attribute* find_attribute(std::span<const convention_attribute> table,
                                           std::string_view key) {
  const auto found = std::ranges::find(table, key, &convention_attribute::key);
  return found == table.end() ? nullptr : &*found;
}

void compare(const attributes& given, std::span<const convention_attribute> table,
             std::span<const convention_attribute> more, deviations& found) {
  for (const attribute& each : given) {
    const convention_attribute* known = find_attribute(table, each.key);
    if (known == nullptr) known = find_attribute(more, each.key);
    if (known == nullptr) {
      if (!is_our_own(each.key)) found.add("attribute " + each.key + " is not in the conventions");
      continue;
    }
    found.add_unless(has_type(each.value, known->value),
                     "attribute " + each.key + " has another type");
    found.add_unless(!to_string(each.value).empty(), "attribute " + each.key + " is empty");
  }
  for (const convention_attribute& each : table) {
    if (each.need == required && given.find(each.key) == nullptr) {
      found.add("attribute " + std::string{each.key} + " is missing");
    }
  }
}

// What the conventions say of a call's attributes together.
void compare_call(const attributes& call, deviations& found) {
  const std::string system = text_of(call, "db.system.name");
  const std::string error = text_of(call, "error.type");
  const std::string status = text_of(call, "db.response.status_code");
  const std::string port = text_of(call, "server.port");
  found.add_unless(std::ranges::find(known_systems, system) != std::end(known_systems),
                   "db.system.name " + system + " is not a well-known value");
  found.add_unless(status.empty() || status == error,
                   "error.type " + error + " is not the status code " + status);
  found.add_unless(port.empty() || call.find("server.address") != nullptr,
                   "server.port without server.address");
  const bool is_default = (system == "postgresql" && port == "5432") ||
                          ((system == "mysql" || system == "mariadb") && port == "3306") ||
                          (system == "mongodb" && port == "27017") ||
                          (system == "chroma" && port == "8000");
  found.add_unless(!is_default, "server.port is the default port");
  const std::string summary = text_of(call, "db.query.summary");
  found.add_unless(summary.size() <= 255, "db.query.summary is longer than 255");
  found.add_unless(summary.find_first_of("'\n") == std::string::npos,
                   "db.query.summary holds a literal: " + summary);
}

// As the conventions for naming have it: words in lower case, joined by dots and underscores.
bool is_name_in_style(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
  });
}

bool is_declared(const instrument& instrument, std::string_view key) {
  return std::ranges::find(instrument.attributes, key) != instrument.attributes.end();
}

void compare_own(const instrument& instrument, const attributes& labels, deviations& found) {
  found.add_unless(is_name_in_style(instrument.name), "the name is not in the style");
  found.add_unless(!instrument.description.empty(), "there is no description");
  const bool is_count = instrument.unit.starts_with("{") && instrument.unit.ends_with("}");
  found.add_unless(
      is_count || instrument.unit == "s" || instrument.unit == "By" || instrument.unit == "1",
      "the unit " + std::string{instrument.unit} + " is not UCUM");
  for (const attribute& each : labels) {
    const bool is_known = is_our_own(each.key) || each.key.starts_with("otel.") ||
                          find_attribute(call_attributes, each.key) != nullptr ||
                          find_attribute(model_attributes, each.key) != nullptr ||
                          find_attribute(pool_state_attributes, each.key) != nullptr;
    found.add_unless(is_known, "attribute " + each.key + " is neither ours nor of the conventions");
    found.add_unless(is_declared(instrument, each.key),
                     "attribute " + each.key + " is not declared by the instrument");
  }
}

bool has_bounds(std::span<const double> given, std::span<const double> expected) {
  // Further bounds below the smallest make no difference to who reads those of the conventions.
  return given.size() >= expected.size() &&
         std::ranges::equal(given.last(expected.size()), expected);
}

void compare_metric(const metric& metric, std::vector<std::string>& all) {
  const instrument& instrument = *metric.instrument;
  const auto known = std::ranges::find(conventions, instrument.name, &convention_metric::name);
  const bool is_of_conventions = known != std::end(conventions);
  deviations of_metric{std::string{instrument.name}};
  const auto begins_with = [&](std::string_view root) { return instrument.name.starts_with(root); };
  if (!is_of_conventions &&
      (begins_with("db.") || begins_with("http.") || begins_with("gen_ai."))) {
    of_metric.add("the name is not in the conventions");
  }
  if (is_of_conventions) {
    of_metric.add_unless(instrument.unit == known->unit, "the unit is another one");
    of_metric.add_unless(instrument.kind == known->kind, "the kind is another one");
    of_metric.add_unless(has_bounds(instrument.bounds, known->bounds), "the bounds are others");
  }
  std::ranges::copy(of_metric.take(), std::back_inserter(all));
  for (const point& point : metric.points) {
    const attributes& labels = point.series->labels;
    if (labels.find("otel.metric.overflow") != nullptr) continue;
    deviations of_series{std::string{instrument.name} + '{' + to_string(labels) + '}'};
    if (is_of_conventions) {
      compare(labels, known->attributes, {}, of_series);
      for (const attribute& each : labels) {
        of_series.add_unless(is_declared(instrument, each.key),
                             "attribute " + each.key + " is not declared by the instrument");
      }
      if (known->attributes.data() == call_attributes) compare_call(labels, of_series);
    } else {
      compare_own(instrument, labels, of_series);
    }
    std::ranges::copy(of_series.take(), std::back_inserter(all));
  }
}

// The span of a call that is named by an operation and what it is for.
void compare_named(const span_record& span, std::string_view operation, std::string_view target,
                   std::span<const convention_attribute> table, deviations& found) {
  compare(span.attributes, table, span_only_attributes, found);
  found.add_unless(span.kind == span_kind::client, "a call is a client's span");
  const std::string rest = text_of(span.attributes, target);
  const std::string expected =
      text_of(span.attributes, operation) + (rest.empty() ? "" : ' ' + rest);
  found.add_unless(span.name == expected, "the name is not " + expected);
}

}  // namespace

std::vector<std::string> deviations_from_conventions(const snapshot& snapshot) {
  std::vector<std::string> all;
  for (const auto& metric : snapshot.metrics) {
    if (!metric->instrument->name.starts_with("otel.")) compare_metric(*metric, all);
  }
  return all;
}

std::vector<std::string> deviations_from_conventions(const span_record& span) {
  deviations found{"span " + span.name};
  if (span.attributes.find("gen_ai.operation.name") != nullptr) {
    compare_named(span, "gen_ai.operation.name", "gen_ai.request.model", model_attributes, found);
    return found.take();
  }
  if (span.attributes.find("http.request.method") != nullptr) {
    compare_named(span, "http.request.method", "url.template", http_attributes, found);
    return found.take();
  }
  compare(span.attributes, call_attributes, span_only_attributes, found);
  compare_call(span.attributes, found);
  found.add_unless(span.kind == span_kind::client, "a call is a client's span");
  const bool failed = !text_of(span.attributes, "error.type").empty();
  found.add_unless(failed == (span.status == span_status::error),
                   "the status does not say whether there is an error.type");
  const std::string summary = text_of(span.attributes, "db.query.summary");
  const std::string operation = text_of(span.attributes, "db.operation.name");
  const std::string expected = !summary.empty()     ? summary
                               : !operation.empty() ? operation
                                                    : text_of(span.attributes, "db.system.name");
  found.add_unless(span.name == expected, "the name is not " + expected);
  const attribute_value* const batch = span.attributes.find("db.operation.batch.size");
  found.add_unless(batch == nullptr || *batch != attribute_value{std::int64_t{1}},
                   "a batch of one is an operation");
  return found.take();
}

}  // namespace querytap::testing::conformance
