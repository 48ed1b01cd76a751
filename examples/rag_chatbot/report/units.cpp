#include <rag_chatbot/report/units.hpp>

#include <fmt/format.h>

namespace rag_chatbot {

std::string readable_share(double part, double whole) {
  if (whole <= 0) return "–";
  const double percent = 100 * part / whole;
  const int digits = percent > 0 && percent < 0.1 ? 4 : 1;
  return fmt::format("{:.{}f} %", percent, digits);
}

}  // namespace rag_chatbot
