#include "backend_state.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/unique_id.hpp>
#include <querytap/calls/text_cache.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

namespace querytap {
namespace {

backend_options validated(const backend_options& options) {
  if (options.system.empty()) {
    throw configuration_error{"system", "", "expected a database system name"};
  }
  if (options.slow_threshold <= std::chrono::nanoseconds::zero()) {
    throw configuration_error{"slow_threshold",
                              fmt::format("{} ns", options.slow_threshold.count()),
                              "expected a positive time"};
  }
  return options;
}

std::string key_of(const backend_options& options) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", options.system, options.name_space,
                     options.server_address, options.server_port, static_cast<int>(options.rules),
                     options.slow_threshold.count());
}

}  // namespace

namespace detail {

backend_state::backend_state(recorder& to, const backend_options& options)
    : recorder_{to},
      options_{validated(options)},
      cache_owner_{next_unique_id()},
      others_{*new statement{*this,
                             std::make_shared<const statement_identity>(
                                 statement_identity{.text = "(other statements)"}),
                             {{"otel.metric.overflow", true}}}} {}

attributes backend_state::attributes_of(const statement_identity& identity) const {
  attributes where{{"db.system.name", options_.system}};
  if (!options_.name_space.empty()) where.set({"db.namespace", options_.name_space});
  if (!identity.summary.empty()) where.set({"db.query.summary", identity.summary});
  if (!options_.server_address.empty()) {
    where.set({"server.address", options_.server_address});
    if (options_.server_port != 0) where.set({"server.port", options_.server_port});
  }
  return where;
}

const statement& backend_state::statement_for(std::string_view sql) noexcept {
  if (!others_->enabled()) return *others_;
  if (const kept* known = text_cache::find(cache_owner_, sql)) {
    return static_cast<const statement&>(*known);
  }
  try {
    const statement_handle found = find_or_make(sql);
    return text_cache::keep(cache_owner_, sql, *found) ? *found : *others_;
  } catch (const std::exception&) {
    return *others_;  // no memory
  }
}

statement_handle backend_state::find_or_make(std::string_view sql) {
  auto identity = std::make_shared<const statement_identity>(identify(sql, options_.rules));
  const std::uint64_t fingerprint = identity->fingerprint;
  const owners_lock lock{recorder_};
  if (statement_handle heavy = overflowed_.find(fingerprint)) return heavy;
  statement_handle found = statements_.find_or_make(fingerprint, [&] {
    const attributes where = attributes_of(*identity);
    return statement_handle{*new statement{*this, std::move(identity), where}};
  });
  if (found->is_overflow()) overflowed_.add(found);
  return found;
}

void backend_state::release_idle(const series_usage& now) {
  const owners_lock lock{recorder_};
  if (statements_.release_idle(now)) overflowed_.clear();
}

void backend_state::add_to(snapshot& now) {
  const owners_lock lock{recorder_};
  overflowed_.add_to(now);
}

}  // namespace detail

backend::backend(recorder& to, const backend_options& options)
    : state_{detail::shared_owner<detail::backend_state>(to, key_of(options), options)} {}

const statement& backend::statement_for(std::string_view sql) const noexcept {
  return state_->statement_for(sql);
}

void backend::record_phase(std::string_view phase, std::chrono::nanoseconds spent) const {
  state_->to()
      .bind_histogram(catalog::phase_duration,
                      {{"db.system.name", state_->options().system}, {"querytap.phase", phase}})
      .record(spent);
}

const clock& backend::time() const noexcept { return state_->to().time(); }

}  // namespace querytap
