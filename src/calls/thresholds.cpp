#include <querytap/calls/thresholds.hpp>

#include "../base/checked_time.hpp"
#include "backend_state.hpp"
#include "reports/report_hub.hpp"
#include "reports/threshold_rules.hpp"
#include "request_names.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <array>
#include <string>

namespace querytap {
namespace {

using optional_time = std::optional<std::chrono::nanoseconds>;

constexpr std::array all_dialects{dialect::postgresql, dialect::sqlite,  dialect::mysql,
                                  dialect::redis,      dialect::mongodb, dialect::named};

// A command of Redis or MongoDB may be any text: what is a comment to SQL, too.
bool is_sql(dialect language) {
  return language != dialect::redis && language != dialect::mongodb && language != dialect::named;
}

std::optional<std::uint64_t> checked_if_any(std::string_view option, optional_time time,
                                            std::chrono::nanoseconds shortest) {
  if (!time.has_value()) return std::nullopt;
  return detail::checked_time(option, *time, shortest);
}

void refuse_empty(std::string_view option, std::string_view name, std::string_view expected) {
  if (name.empty()) throw configuration_error{option, "", expected};
}

}  // namespace

thresholds::thresholds(recorder& recorder)
    : recorder_{&recorder}, hub_{&recorder.part<detail::report_hub>()} {}

void thresholds::set_slow_call(std::string_view system, optional_time time) const {
  refuse_empty("slow_call", system, "expected a db.system.name");
  const auto nanoseconds = checked_if_any("slow_call", time, detail::positive_time);
  const detail::parts_lock lock{*recorder_};
  hub_->rules().set_system(system, nanoseconds);
  hub_->for_each_backend([&](detail::backend_state& backend) {
    if (backend.options().system == system) backend.apply_rules();
  });
}

// The text has one fingerprint for each dialect, and which of them its backends speak is not known.
void thresholds::set_slow_statement(std::string_view text, optional_time time) const {
  const auto nanoseconds = checked_if_any("slow_statement", time, detail::positive_time);
  std::array<std::uint64_t, all_dialects.size()> fingerprints{};
  std::string statements;  // a comment of one dialect may be a statement of MySQL: `/*! … */`
  for (std::size_t i = 0; i < all_dialects.size(); ++i) {
    const statement_identity identity = identify(text, all_dialects[i]);
    if (is_sql(all_dialects[i])) statements += identity.text;
    fingerprints[i] = identity.fingerprint;
  }
  refuse_empty("slow_statement", statements, "expected the text of a statement");
  const detail::parts_lock lock{*recorder_};
  for (std::size_t i = 0; i < all_dialects.size(); ++i) {
    hub_->rules().set_statement(all_dialects[i], fingerprints[i], nanoseconds);
  }
  hub_->for_each_backend([&](detail::backend_state& backend) {
    for (std::size_t i = 0; i < all_dialects.size(); ++i) {
      if (backend.options().dialect == all_dialects[i]) backend.apply_rules(fingerprints[i]);
    }
  });
}

void thresholds::set_slow_request(std::chrono::nanoseconds time) const {
  hub_->rules().set_slow_request(detail::checked_time("slow_request", time, detail::any_time));
}

void thresholds::set_slow_request(std::string_view name, optional_time time) const {
  refuse_empty("slow_request", name, "expected the name of a request");
  const auto nanoseconds =
      checked_if_any(fmt::format("slow_request of {}", name), time, detail::any_time);
  auto& names = recorder_->part<detail::request_names>();
  const detail::parts_lock lock{*recorder_};
  hub_->rules().set_request(name, nanoseconds);
  names.apply_rules();
}

void thresholds::set_hung(std::chrono::nanoseconds time) const {
  hub_->rules().set_hung_after(detail::checked_time("hung_after", time, detail::positive_time));
}

void thresholds::set_n_plus_one(std::uint64_t calls) const {
  if (calls < 2) {
    throw configuration_error{"n_plus_one_from", fmt::format("{}", calls), "expected at least 2"};
  }
  hub_->rules().set_n_plus_one_from(calls);
}

void thresholds::set_idle_in_transaction(std::chrono::nanoseconds time) const {
  hub_->rules().set_idle_in_transaction(
      detail::checked_time("idle_in_transaction", time, detail::positive_time));
}

}  // namespace querytap
