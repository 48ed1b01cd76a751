#include <querytap/servers/chroma/chroma_probe.hpp>

#include "../common/measured.hpp"
#include "chroma_session.hpp"

#include <fmt/format.h>

#include <utility>

namespace querytap {

struct chroma_probe::state {
  const chroma_probe_options options;
  const detail::chroma_address address;
};

chroma_probe::chroma_probe(chroma_probe_options options)
    : state_{new state{.options = options,
                       .address = {.url = options.url,
                                   .tenant = "default_tenant",
                                   .database = "default_database",
                                   .token = options.token}}} {
  detail::check_address(state_->address);
}
chroma_probe::~chroma_probe() = default;

health_answer chroma_probe::look(deadline until) {
  const detail::chroma_session session{state_->address, until};
  const auto start = std::chrono::steady_clock::now();
  try {
    session.heartbeat();
  } catch (const detail::chroma_refusal& refusal) {
    return {{detail::verified("heartbeat", false, health_status::fail, refusal.what(),
                              detail::advice_for_status(refusal.status()))}};
  }
  const auto took = std::chrono::steady_clock::now() - start;
  health_answer answer{
      {{.name = "heartbeat"}, detail::measured_response(took, state_->options.slow)}};
  const int status = session.healthcheck().status;
  // Versions before 1.0 have no healthcheck.
  if (status != 404) {
    answer.measurements.push_back(
        detail::verified("ready", status == 200, health_status::fail,
                         fmt::format("the server says with status {} that it is not ready", status),
                         "look at the server's log: its executor or its log service is not there"));
  }
  return answer;
}

}  // namespace querytap
