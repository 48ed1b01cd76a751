#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

/// Which version of OpenTelemetry's conventions for models names what is exported of them.
enum class gen_ai_names : std::uint8_t {
  v1_41,   ///< the last release in which they stood beside the others: what dashboards know
  latest,  ///< the conventions in the making: counters of tokens, other names; may change any time
};

/// The names that the calls of a kind of backend are exported by.
///
///     call_convention::find(backend_kind::http).status;    // http.response.status_code
///
/// Threads  plain values that never change.
/// Source   OpenTelemetry semantic conventions: database, HTTP, generative AI.
struct call_convention {
  std::string_view system = {};     ///< key of the system; empty: the conventions have none
  std::string_view summary = {};    ///< key of the whole summary
  std::string_view text = {};       ///< key of the whole text
  std::string_view operation = {};  ///< key of the first word of the summary
  std::string_view target = {};     ///< key of the rest of the summary
  std::string_view database = {};   ///< key of the database
  std::string_view status = {};     ///< key of the status code
  std::string_view rows = {};       ///< key of the number of rows returned

  [[nodiscard]] static const call_convention& find(backend_kind kind) noexcept;
  [[nodiscard]] static const call_convention& find(const statement_identity& statement) noexcept;
};

/// The instrument of the durations of a statement's calls.
[[nodiscard]] const instrument& duration_instrument(const statement_identity& statement,
                                                    gen_ai_names names) noexcept;

/// Whether it has durations of calls, of whatever backend.
[[nodiscard]] bool is_call_duration(const instrument& instrument) noexcept;

/// The system in the attributes of a call: of a database, of a model's provider, `http`, or `component`; empty
/// where
/// none is named, as past the series limit.
[[nodiscard]] std::string system_of_call(const attributes& labels);

/// The summary's first word, and what follows it.
struct operation_and_target {
  std::string_view operation = {};
  std::string_view target = {};
};
[[nodiscard]] operation_and_target split_summary(std::string_view summary) noexcept;

}  // namespace querytap
