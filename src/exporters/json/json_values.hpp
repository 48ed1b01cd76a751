#pragma once

#include "../../base/seconds.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/pool_report.hpp>
#include <querytap/snapshot/query_plan.hpp>
#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace querytap::detail {

/// Writes the keys in the order in which they are documented.
using json = nlohmann::ordered_json;

/// RFC 3339, in UTC, with milliseconds.
[[nodiscard]] std::string time_text(std::chrono::system_clock::time_point time);

[[nodiscard]] json json_of(const attributes& attributes);
[[nodiscard]] json json_of(const statement_identity& statement);
[[nodiscard]] json json_of(const phase_times& phases);
[[nodiscard]] json json_of(const query_plan& plan);
[[nodiscard]] json json_of(const call_report& report);
[[nodiscard]] json json_of(const request_report& report);
[[nodiscard]] json json_of(const pool_report& report);
[[nodiscard]] json json_of(const finding& finding);
[[nodiscard]] json json_of(const source_report& report);
[[nodiscard]] json json_of(const pool_lease& lease);
[[nodiscard]] json json_of(const joined_statement& row);

/// A request without its statements, calls, waits and stages; a pool without its leases.
[[nodiscard]] json brief_of(const request_report& report);
[[nodiscard]] json brief_of(const pool_report& report);

/// One line, valid UTF-8 with any input.
[[nodiscard]] std::string json_line(const json& document);

}  // namespace querytap::detail
