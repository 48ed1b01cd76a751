#include <querytap/servers/collected.hpp>

#include <cmath>
#include <stdexcept>
#include <utility>

namespace querytap {
namespace {

// The largest double below 2^63.
constexpr double largest_double_of_integer = 9223372036854774784.0;

}  // namespace

collected::collected(attributes common) : common_{std::move(common)} {}

void collected::set_common(attributes common) { common_ = std::move(common); }

void collected::add(const instrument& instrument, double value, const attributes& labels) {
  const double recorded = value * instrument.recorded_per_unit();
  if (!std::isfinite(recorded) || std::abs(recorded) > largest_double_of_integer) return;
  add_recorded(instrument, static_cast<std::int64_t>(std::llround(recorded)), labels);
}

void collected::add(server_statement statement) { statements_.push_back(std::move(statement)); }

void collected::lacks(std::string name, std::string reason) {
  unavailable_.push_back({std::move(name), std::move(reason)});
}

// In integers as long as they suffice: a double has 53 bits.
void collected::add_integer(const instrument& instrument, std::int64_t value,
                            const attributes& labels) {
  const auto parts = static_cast<std::int64_t>(instrument.recorded_per_unit());
  std::int64_t recorded = 0;
  if (__builtin_mul_overflow(value, parts, &recorded)) return;
  add_recorded(instrument, recorded, labels);
}

void collected::add_recorded(const instrument& instrument, std::int64_t value,
                             const attributes& labels) {
  if (instrument.kind == instrument_kind::histogram) {
    throw std::invalid_argument{"querytap: a collector gives numbers, and '" +
                                std::string{instrument.name} + "' is a histogram"};
  }
  attributes all = common_;
  for (const attribute& label : labels) all.set(label);
  numbers_.push_back({&instrument, std::move(all), value});
}

}  // namespace querytap
