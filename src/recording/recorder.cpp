#include <querytap/recording/recorder.hpp>

#include "registry.hpp"

#include <querytap/recording/detail/recorder_part.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace querytap {
namespace {

void expect_kind(const instrument& instrument, instrument_kind kind) {
  if (instrument.kind == kind) return;
  throw std::invalid_argument{fmt::format("querytap: instrument '{}' is a {}, bound as a {}",
                                          instrument.name, to_string(instrument.kind),
                                          to_string(kind))};
}

// Its address tells the copies of the library in one process apart.
const char copy_of_library = 0;

}  // namespace

recorder::recorder(const recorder_options& options)
    : registry_{std::make_shared<detail::registry>(options, &copy_of_library)} {
  registry_->bind_self_metrics();
}

recorder::~recorder() { registry_->close(); }

histogram recorder::bind_histogram(const instrument& instrument, const attributes& labels,
                                   const std::shared_ptr<const statement_identity>& statement) {
  expect_kind(instrument, instrument_kind::histogram);
  return histogram{registry_->bind(instrument, labels, statement)};
}

histogram recorder::bind_histogram(const instrument& instrument, const attributes& labels,
                                   const std::shared_ptr<const statement_identity>& statement,
                                   const histogram& total) {
  expect_kind(instrument, instrument_kind::histogram);
  return histogram{registry_->bind(instrument, labels, statement, total.series_)};
}

counter recorder::bind_counter(const instrument& instrument, const attributes& labels) {
  expect_kind(instrument, instrument_kind::counter);
  return counter{registry_->bind(instrument, labels, nullptr)};
}

up_down_counter recorder::bind_up_down_counter(const instrument& instrument,
                                               const attributes& labels) {
  expect_kind(instrument, instrument_kind::up_down_counter);
  return up_down_counter{registry_->bind(instrument, labels, nullptr)};
}

gauge recorder::bind_gauge(const instrument& instrument, const attributes& labels) {
  expect_kind(instrument, instrument_kind::gauge);
  return gauge{registry_->bind(instrument, labels, nullptr)};
}

snapshot recorder::collect() {
  registry_->check_clock();
  return registry_->collect();
}

void recorder::keep_history() {
  if (registry_->needs_collection()) static_cast<void>(collect());
}

std::vector<detail::slow_call_in_flight> recorder::slow_calls_in_flight(
    std::chrono::nanoseconds unlimited_after) {
  return registry_->slow_calls_in_flight(static_cast<std::uint64_t>(unlimited_after.count()));
}

void recorder::release(const histogram& bound) noexcept { registry_->release(*bound.series_); }
void recorder::release(const counter& bound) noexcept { registry_->release(*bound.series_); }

bool recorder::enabled() const noexcept { return registry_->enabled(); }

const clock& recorder::time() const noexcept { return registry_->time(); }

const recorder_options& recorder::options() const noexcept { return registry_->options(); }

std::uint64_t recorder::id() const noexcept { return registry_->id(); }

detail::recorder_part* recorder::find_part(std::string_view type, std::string_view key) const {
  registry_->expect_this_copy(&copy_of_library);
  return registry_->find_part(type, key);
}

detail::recorder_part& recorder::add_part(std::string_view type, std::string_view key,
                                          std::unique_ptr<detail::recorder_part> part) {
  return registry_->add_part(type, key, std::move(part));
}

detail::parts_lock::parts_lock(recorder& recorder) noexcept : locked_{*recorder.registry_} {
  locked_.parts_mutex().lock();
}

detail::parts_lock::~parts_lock() { locked_.parts_mutex().unlock(); }

}  // namespace querytap
