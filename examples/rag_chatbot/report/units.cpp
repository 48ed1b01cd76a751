#include <rag_chatbot/report/units.hpp>

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace rag_chatbot {

std::string readable_duration(std::chrono::nanoseconds duration) {
  return querytap::human_duration(std::chrono::duration<double>{duration}.count());
}

std::string readable_count(std::uint64_t count) {
  std::string digits = fmt::to_string(count);
  for (auto left = digits.size(); left > 3; left -= 3) digits.insert(left - 3, 1, ',');
  return digits;
}

std::string readable_share(double part, double whole) {
  if (whole <= 0) return "–";
  const double percent = 100 * part / whole;
  const int digits = percent > 0 && percent < 0.1 ? 4 : 1;
  return fmt::format("{:.{}f} %", percent, digits);
}

}  // namespace rag_chatbot
