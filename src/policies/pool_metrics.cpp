#include "pool_metrics.hpp"

#include <querytap/base/phase.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

namespace querytap::detail {

lending_metrics::lending_metrics(recorder& recorder, std::string_view name) {
  const attributes labels{{"db.client.connection.pool.name", name}};
  const auto bind_count = [&](std::string_view state) {
    attributes with_state = labels;
    with_state.set({"db.client.connection.state", state});
    return recorder.bind_up_down_counter(catalog::connection_count, with_state);
  };
  idle = bind_count("idle");
  used = bind_count("used");
  max = recorder.bind_up_down_counter(catalog::connection_max, labels);
  pending_requests = recorder.bind_up_down_counter(catalog::connection_pending_requests, labels);
  timeouts = recorder.bind_counter(catalog::connection_timeouts, labels);
  wait_time = recorder.bind_histogram(catalog::connection_wait_time, labels);
  use_time = recorder.bind_histogram(catalog::connection_use_time, labels);
}

pool_metrics::pool_metrics(recorder& recorder, std::string_view name)
    : lending_metrics{recorder, name} {
  const attributes labels{{"db.client.connection.pool.name", name}};
  const auto bind_phase = [&](phase phase) {
    attributes with_phase = labels;
    with_phase.set({"querytap.phase", to_string(phase)});
    return recorder.bind_histogram(catalog::pool_phase_duration, with_phase);
  };
  idle_max = recorder.bind_up_down_counter(catalog::connection_idle_max, labels);
  idle_min = recorder.bind_up_down_counter(catalog::connection_idle_min, labels);
  create_time = recorder.bind_histogram(catalog::connection_create_time, labels);
  queueing = bind_phase(phase::pool_wait);
  connecting = bind_phase(phase::connect);
  validating = bind_phase(phase::validate);
  leaks = recorder.bind_counter(catalog::pool_leaks, labels);
  unleaks = recorder.bind_counter(catalog::pool_unleaks, labels);
}

}  // namespace querytap::detail
