#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>
#include <vector>

namespace querytap::testing {

/// Everything in a snapshot that is text: attributes, statements, reports of calls and requests,
/// findings.
[[nodiscard]] inline std::vector<std::string> exported_texts(const snapshot& snapshot) {
  std::vector<std::string> texts;
  const auto add_statement = [&](const auto& statement) {
    if (statement != nullptr) texts.push_back(statement->text + ' ' + statement->summary);
  };
  for (const auto& metric : snapshot.metrics) {
    for (const point& point : metric->points) {
      texts.push_back(to_string(point.series->labels));
      add_statement(point.statement);
    }
  }
  for (const auto& call : snapshot.call_reports) {
    add_statement(call->statement);
    texts.push_back(call->database + ' ' + call->server_address + ' ' + call->error_type + ' ' +
                    call->status_code + ' ' + call->waits_for + ' ' + call->parameters + ' ' +
                    call->plan_error);
  }
  for (const auto& request : snapshot.requests) {
    texts.push_back(request->name + ' ' + request->error_type);
    for (const statement_share& share : request->statements) add_statement(share.statement);
  }
  for (const auto& finding : snapshot.findings) {
    texts.push_back(finding->message + ' ' + finding->advice + ' ' + finding->table + ' ' +
                    to_string(finding->evidence));
  }
  return texts;
}

}  // namespace querytap::testing
