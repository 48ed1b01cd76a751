#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <rag_chatbot/load/load.hpp>

#include <string>

namespace rag_chatbot {

/// All that the report is made from.
struct report_facts {
  querytap::snapshot before_load;
  querytap::snapshot after_load;
  load_result load;
  double record_nanoseconds = 0;  ///< what one timed record costs
};

/// What a person reads after the load, as aligned plain text: statements, pool, requests, findings, how often
/// the right page was found, and what the instrumentation cost.
[[nodiscard]] std::string report_on(const report_facts& facts);

}  // namespace rag_chatbot
