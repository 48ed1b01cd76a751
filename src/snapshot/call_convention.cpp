#include <querytap/snapshot/call_convention.hpp>

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <array>

namespace querytap {
namespace {

constexpr call_convention database_convention{.system = "db.system.name",
                                              .summary = "db.query.summary",
                                              .text = "db.query.text",
                                              .database = "db.namespace",
                                              .status = "db.response.status_code",
                                              .rows = "db.response.returned_rows"};
// A command's name is the operation, and it has no summary besides.
consteval call_convention with_summary_as(call_convention names, std::string_view key) {
  names.summary = key;
  return names;
}
constexpr call_convention command_convention =
    with_summary_as(database_convention, "db.operation.name");
constexpr call_convention model_convention{.system = "gen_ai.provider.name",
                                           .operation = "gen_ai.operation.name",
                                           .target = "gen_ai.request.model",
                                           .status = "http.response.status_code"};
constexpr call_convention http_convention{.operation = "http.request.method",
                                          .target = "url.template",
                                          .status = "http.response.status_code"};

constexpr call_convention component_convention{.summary = "querytap.component"};

constexpr std::array call_durations{
    &catalog::operation_duration,         &catalog::gen_ai::operation_duration,
    &catalog::gen_ai::inference_duration, &catalog::gen_ai::embeddings_duration,
    &catalog::http_request_duration,      &catalog::component_duration};

// As `gen_ai.operation.name` has them.
constexpr std::array<std::string_view, 3> inferences{"chat", "text_completion", "generate_content"};

const instrument& model_duration(std::string_view operation, gen_ai_names names) noexcept {
  if (names == gen_ai_names::v1_41) return catalog::gen_ai::operation_duration;
  if (operation == "embeddings") return catalog::gen_ai::embeddings_duration;
  return std::ranges::find(inferences, operation) == inferences.end()
             ? catalog::gen_ai::operation_duration
             : catalog::gen_ai::inference_duration;
}

}  // namespace

const call_convention& call_convention::find(backend_kind kind) noexcept {
  switch (kind) {
    case backend_kind::model: return model_convention;
    case backend_kind::http: return http_convention;
    case backend_kind::component: return component_convention;
    case backend_kind::database: break;
  }
  return database_convention;
}

const call_convention& call_convention::find(const statement_identity& statement) noexcept {
  return statement.is_command ? command_convention : find(statement.backend);
}

const instrument& duration_instrument(const statement_identity& statement,
                                      gen_ai_names names) noexcept {
  switch (statement.backend) {
    case backend_kind::model:
      return model_duration(split_summary(statement.summary).operation, names);
    case backend_kind::http: return catalog::http_request_duration;
    case backend_kind::component: return catalog::component_duration;
    case backend_kind::database: break;
  }
  return catalog::operation_duration;
}

bool is_call_duration(const instrument& instrument) noexcept {
  return std::ranges::any_of(call_durations,
                             [&](const auto* known) { return known->name == instrument.name; });
}

std::string system_of_call(const attributes& labels) {
  for (const std::string_view key : {database_convention.system, model_convention.system}) {
    if (const attribute_value* system = labels.find(key)) return to_string(*system);
  }
  if (labels.find(http_convention.operation) != nullptr) return "http";
  return labels.find(component_convention.summary) == nullptr ? std::string{} : "component";
}

operation_and_target split_summary(std::string_view summary) noexcept {
  const std::size_t blank = summary.find(' ');
  if (blank == summary.npos) return {summary, {}};
  return {summary.substr(0, blank), summary.substr(blank + 1)};
}

}  // namespace querytap
