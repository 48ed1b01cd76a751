#include <rag_chatbot/report/findings.hpp>

#include <fmt/format.h>

namespace rag_chatbot {

std::string findings_list(const querytap::snapshot& now) {
  if (now.findings.empty()) return "  none\n";
  std::string list;
  for (const auto& one : now.findings) {
    list += fmt::format("  {}, {} times, {}\n    {}\n    {}\n", to_string(one->kind), one->seen,
                        to_string(one->site), one->message, one->advice);
  }
  return list;
}

}  // namespace rag_chatbot
