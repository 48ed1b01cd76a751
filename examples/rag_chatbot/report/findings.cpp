#include <rag_chatbot/report/findings.hpp>

#include <fmt/format.h>

namespace rag_chatbot {

std::string findings_list(const querytap::snapshot& snapshot) {
  if (snapshot.findings.empty()) return "  none\n";
  std::string list;
  for (const auto& finding : snapshot.findings) {
    const std::string site = to_string(finding->site);  // that of a budget is no line of code
    list +=
        fmt::format("  {}, {} times{}{}\n    {}\n    {}\n", to_string(finding->kind), finding->seen,
                    site.empty() ? "" : ", ", site, finding->message, finding->advice);
  }
  return list;
}

}  // namespace rag_chatbot
