#include <rag_chatbot/load/schedule.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace rag_chatbot {
namespace {

/// In [0, 1). std::uniform_real_distribution may differ from one standard library to the next.
double uniform(std::mt19937_64& random) {
  return std::ldexp(static_cast<double>(random() >> 11), -53);
}

}  // namespace

schedule::schedule(double rate, std::size_t users, std::chrono::seconds duration,
                   std::uint64_t seed)
    : users_{users} {
  const std::chrono::nanoseconds whole{duration};
  const auto questions = std::llround(rate * static_cast<double>(duration.count()));
  starts_.resize(static_cast<std::size_t>(questions));

  // Given their number, the arrivals of a Poisson process are independent and uniform in time.
  std::mt19937_64 random{seed};
  for (auto& start : starts_) {
    const double moment = uniform(random) * static_cast<double>(whole.count());
    start = std::chrono::nanoseconds{static_cast<std::int64_t>(moment)};
  }
  std::sort(starts_.begin(), starts_.end());
}

}  // namespace rag_chatbot
