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

}  // namespace

recorder::recorder(const recorder_options& options)
    : registry_{std::make_shared<detail::registry>(options)} {
  registry_->bind_self_metrics();
}

recorder::~recorder() { registry_->close(); }

histogram recorder::bind_histogram(const instrument& instrument, const attributes& labels,
                                   const std::shared_ptr<const statement_identity>& statement) {
  expect_kind(instrument, instrument_kind::histogram);
  return histogram{registry_->bind(instrument, labels, statement)};
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

snapshot recorder::collect() { return registry_->collect(); }

std::vector<detail::call_in_flight> recorder::calls_in_flight() {
  return registry_->calls_in_flight();
}

void recorder::release(const histogram& bound) noexcept { registry_->release(*bound.series_); }
void recorder::release(const counter& bound) noexcept { registry_->release(*bound.series_); }

void recorder::add_part(std::weak_ptr<detail::recorder_part> owner) {
  registry_->add_owner(std::move(owner));
}

bool recorder::enabled() const noexcept { return registry_->enabled(); }

const clock& recorder::time() const noexcept { return registry_->time(); }

const recorder_options& recorder::options() const noexcept { return registry_->options(); }

std::uint64_t recorder::id() const noexcept { return registry_->id(); }

std::shared_ptr<void> recorder::find_part(std::type_index type, std::string_view key) const {
  return registry_->find_part(type, key);
}

std::shared_ptr<void> recorder::keep_part(std::type_index type, std::string_view key,
                                          std::shared_ptr<void> part) {
  return registry_->keep_part(type, key, std::move(part));
}

detail::owners_lock::owners_lock(recorder& of) noexcept : locked_{*of.registry_} {
  locked_.owners_mutex().lock();
}

detail::owners_lock::~owners_lock() { locked_.owners_mutex().unlock(); }

}  // namespace querytap
