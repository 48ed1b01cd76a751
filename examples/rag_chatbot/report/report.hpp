#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <rag_chatbot/load/load.hpp>

#include <string>

namespace rag_chatbot {

/// The input of a report.
struct report_facts {
  querytap::snapshot before_load;
  querytap::snapshot after_load;
  load_result load;
  double record_nanoseconds = 0;  ///< the cost of one timed record
};

/// The report after the load, as aligned plain text: statements, pool, requests, models, findings, how often
/// the right page was found, and the cost of the instrumentation.
[[nodiscard]] std::string report_on(const report_facts& facts);

}  // namespace rag_chatbot
